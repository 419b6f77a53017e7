#include "libs/config/table.h"

#include <sys/stat.h>
#include <unistd.h>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "libs/config/duration.h"

namespace diego::config {
namespace {

bool IsEmpty(const Target& target) {
  return std::visit(
      [](auto* value) {
        if constexpr (requires { value->empty(); }) {
          return value->empty();
        } else {
          return false;
        }
      },
      target);
}

// The value of a numeric target; a duration counts in seconds.
double NumberOf(const Target& target) {
  if (auto* const* value = std::get_if<int32_t*>(&target)) return **value;
  if (auto* const* value = std::get_if<int64_t*>(&target)) return static_cast<double>(**value);
  if (auto* const* value = std::get_if<double*>(&target)) return **value;
  if (auto* const* value = std::get_if<absl::Duration*>(&target)) {
    return absl::ToDoubleSeconds(**value);
  }
  DIEGO_CHECK(false) << "a numeric check on a key that is no number";
  return 0;
}

std::string NumberText(const Target& target) {
  if (auto* const* value = std::get_if<absl::Duration*>(&target)) {
    return absl::StrCat("\"", FormatGoDuration(**value), "\"");
  }
  return absl::StrCat(NumberOf(target));
}

void SetNumber(const Target& target, double number) {
  if (auto* const* value = std::get_if<int32_t*>(&target)) **value = static_cast<int32_t>(number);
  if (auto* const* value = std::get_if<int64_t*>(&target)) **value = static_cast<int64_t>(number);
  if (auto* const* value = std::get_if<double*>(&target)) **value = number;
  if (auto* const* value = std::get_if<absl::Duration*>(&target)) **value = absl::Seconds(number);
}

const std::string& TextOf(const Target& target) {
  auto* const* value = std::get_if<std::string*>(&target);
  DIEGO_CHECK(value != nullptr) << "a text check on a key that is no text";
  return **value;
}

std::string FileFault(const std::string& path) {
  if (path.empty()) return "";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::StrCat("\"", path, "\" does not exist; give the path of an existing file");
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::StrCat("\"", path, "\" is not a file; give the path of a file");
  }
  if (access(path.c_str(), R_OK) != 0) {
    return absl::StrCat("\"", path, "\" cannot be read; give this user the right to read it");
  }
  return "";
}

std::string DirectoryFault(const std::string& path) {
  if (path.empty()) return "";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return absl::StrCat("\"", path, "\" is not a directory; create it or give another");
  }
  return "";
}

}  // namespace

void Faults::Add(absl::string_view key, absl::string_view text) {
  lines_.push_back(absl::StrCat(key, ": ", text));
}

void Faults::NoteBounded(absl::string_view key, absl::string_view text) {
  notices_.push_back({Notice::Kind::kBounded, std::string(key), std::string(text)});
}

KeySpec::KeySpec(std::string path, std::string meaning, bool is_bool,
                 std::function<Target(void*)> target)
    : path_(std::move(path)),
      meaning_(std::move(meaning)),
      is_bool_(is_bool),
      target_(std::move(target)) {}

KeySpec& KeySpec::Required() {
  required_ = true;
  return *this;
}

KeySpec& KeySpec::Secret() {
  secret_ = true;
  return *this;
}

KeySpec& KeySpec::File() {
  return Check([](const Target& target) { return FileFault(TextOf(target)); });
}

KeySpec& KeySpec::Directory() {
  return Check([](const Target& target) { return DirectoryFault(TextOf(target)); });
}

KeySpec& KeySpec::Positive() {
  return Check([](const Target& target) -> std::string {
    if (NumberOf(target) > 0) return "";
    return absl::StrCat("is ", NumberText(target), "; it must be above zero");
  });
}

KeySpec& KeySpec::NotNegative() {
  return Check([](const Target& target) -> std::string {
    if (NumberOf(target) >= 0) return "";
    return absl::StrCat("is ", NumberText(target), "; it must not be below zero");
  });
}

KeySpec& KeySpec::Between(double low, double high) {
  return Check([low, high](const Target& target) -> std::string {
    const double number = NumberOf(target);
    if (number >= low && number <= high) return "";
    return absl::StrCat("is ", number, "; it must be from ", low, " to ", high);
  });
}

KeySpec& KeySpec::Bounded(double low, double high) {
  insteads_.push_back([low, high](double number) -> std::pair<double, const char*> {
    if (number < low) return {low, "the least there may be"};
    if (number > high) return {high, "the most there may be"};
    return {number, ""};
  });
  return *this;
}

KeySpec& KeySpec::ZeroMeans(double stands_for) {
  insteads_.push_back([stands_for](double number) -> std::pair<double, const char*> {
    return {number > 0 ? number : stands_for, "as it must be above zero"};
  });
  return *this;
}

KeySpec& KeySpec::OneOf(std::vector<std::string> choices) {
  return Check([choices = std::move(choices)](const Target& target) -> std::string {
    const std::string& text = TextOf(target);
    if (absl::c_linear_search(choices, text)) return "";
    return absl::StrCat("is \"", text, "\"; choose one of ", absl::StrJoin(choices, ", "));
  });
}

KeySpec& KeySpec::Check(std::function<std::string(const Target&)> fault) {
  checks_.push_back(std::move(fault));
  return *this;
}

void KeySpec::RunChecks(void* config, Faults* faults) const {
  const Target target = target_(config);
  if (required_ && IsEmpty(target)) {
    faults->Add(path_, absl::StrCat("is empty; give ", meaning_));
    return;
  }
  for (const Instead& instead : insteads_) {
    const std::string given = NumberText(target);
    const auto [number, why] = instead(NumberOf(target));
    if (number == NumberOf(target)) continue;
    SetNumber(target, number);
    faults->NoteBounded(path_,
                        absl::StrCat("is ", given, "; ", NumberText(target), " is taken, ", why));
  }
  for (const auto& check : checks_) {
    if (const std::string fault = check(target); !fault.empty()) faults->Add(path_, fault);
  }
}

const KeySpec* Schema::Find(absl::string_view path) const {
  const auto found = absl::c_find_if(keys_, [&](const KeySpec& key) { return key.path() == path; });
  return found == keys_.end() ? nullptr : &*found;
}

bool Schema::IsObject(absl::string_view path) const {
  const std::string prefix = absl::StrCat(path, ".");
  return absl::c_any_of(keys_,
                        [&](const KeySpec& key) { return absl::StartsWith(key.path(), prefix); });
}

void Schema::RunChecks(const void* config, Faults* faults) const {
  for (const auto& check : checks_) check(config, faults);
}

KeySpec& Schema::AddKey(KeySpec spec) {
  DIEGO_CHECK(Find(spec.path()) == nullptr) << "key declared twice: " << spec.path();
  keys_.push_back(std::move(spec));
  return keys_.back();
}

void Schema::AddNested(const Schema& inner, absl::string_view prefix,
                       const std::function<void*(void*)>& member) {
  for (KeySpec key : inner.keys_) {
    key.path_ = absl::StrCat(prefix, key.path_);
    key.target_ = [member, target = key.target_](void* config) { return target(member(config)); };
    AddKey(std::move(key));
  }
  for (const IgnoredKey& key : inner.ignored_) {
    ignored_.push_back({absl::StrCat(prefix, key.name), key.reason});
  }
  for (const auto& check : inner.checks_) {
    checks_.push_back([member, check](const void* config, Faults* faults) {
      check(member(const_cast<void*>(config)), faults);
    });
  }
}

void Schema::AddIgnored(const std::vector<std::string>& names, absl::string_view reason) {
  for (const std::string& name : names) ignored_.push_back({name, std::string(reason)});
}

}  // namespace diego::config
