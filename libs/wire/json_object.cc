#include "libs/wire/json_object.h"

#include <utility>

#include "absl/strings/match.h"
#include "libs/models/error.h"
#include "libs/wire/json_text.h"

namespace diego::wire {
namespace {

// "[json.exception.parse_error.101] parse error at line 1, …" without the bracket.
absl::string_view WithoutPrefix(absl::string_view what) {
  const size_t end = what.find("] ");
  return end == absl::string_view::npos ? what : what.substr(end + 2);
}

}  // namespace

JsonObject& JsonObject::Raw(absl::string_view key, absl::string_view json) {
  if (!members_.empty()) members_.push_back(',');
  AppendJsonString(key, &members_);
  absl::StrAppend(&members_, ":", json);
  return *this;
}

JsonObject& JsonObject::Text(absl::string_view key, absl::string_view value) {
  std::string quoted;
  AppendJsonString(value, &quoted);
  return Raw(key, quoted);
}

JsonObject& JsonObject::Real(absl::string_view key, double value) {
  // A whole number has no ".0", as Go writes it.
  const auto whole = static_cast<int64_t>(value);
  if (value > -1e15 && value < 1e15 && static_cast<double>(whole) == value) {
    return Number(key, whole);
  }
  return Raw(key, ReadJson(value).dump());
}

void JsonObject::AppendQuoted(std::string* out, absl::string_view value) {
  AppendJsonString(value, out);
}

absl::StatusOr<ReadJson> ParseJson(absl::string_view text) {
  if (NestsTooDeeply(text)) return DiegoError(ErrorType::kInvalidJSON, "nested too deeply");
  try {
    return ReadJson::parse(text.begin(), text.end());
  } catch (const ReadJson::exception& e) {
    return DiegoError(ErrorType::kInvalidJSON, WithoutPrefix(e.what()));
  }
}

const ReadJson* FindMember(const ReadJson& object, absl::string_view key) {
  const ReadJson* similar = nullptr;
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (absl::string_view(it.key()) == key) return &it.value();
    if (similar == nullptr && absl::EqualsIgnoreCase(it.key(), key)) similar = &it.value();
  }
  return similar;
}

JsonMembers::JsonMembers(const ReadJson& value, std::string path, absl::Status* status)
    : object_(value.is_object() ? &value : nullptr), path_(std::move(path)), status_(status) {
  if (!value.is_object() && !value.is_null() && status_->ok()) {
    *status_ = DiegoError(ErrorType::kInvalidJSON,
                          absl::StrCat(path_, path_.empty() ? "" : ": ", "expected an object"));
  }
}

const ReadJson* JsonMembers::Find(absl::string_view key) const {
  const ReadJson* member = object_ == nullptr ? nullptr : FindMember(*object_, key);
  return member == nullptr || member->is_null() ? nullptr : member;
}

std::string JsonMembers::PathOf(absl::string_view key) const {
  return absl::StrCat(path_, path_.empty() ? "" : ".", key);
}

void JsonMembers::Refuse(absl::string_view key, absl::string_view problem) const {
  if (!status_->ok()) return;
  *status_ = DiegoError(ErrorType::kInvalidJSON, absl::StrCat(PathOf(key), ": ", problem));
}

void JsonMembers::Read(absl::string_view key, std::string* out) const {
  const ReadJson* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return Refuse(key, "expected a string");
  *out = value->get<std::string>();
}

void JsonMembers::Read(absl::string_view key, bool* out) const {
  const ReadJson* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return Refuse(key, "expected true or false");
  *out = value->get<bool>();
}

void JsonMembers::Read(absl::string_view key, double* out) const {
  const ReadJson* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_number()) return Refuse(key, "expected a number");
  *out = value->get<double>();
}

void JsonMembers::Read(absl::string_view key, std::vector<std::string>* out) const {
  out->clear();
  Each(key, [&](const ReadJson& element, const std::string&) {
    // Go reads null into a string as "".
    if (!element.is_string() && !element.is_null()) return Refuse(key, "expected strings");
    out->push_back(element.is_null() ? "" : element.get<std::string>());
  });
}

}  // namespace diego::wire
