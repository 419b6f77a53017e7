#include "libs/log/redaction.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::log {
namespace {

using Json = nlohmann::ordered_json;  // lines keep the order of their keys

constexpr char kRedacted[] = "*REDACTED*";
constexpr char kPrivateKey[] = "-----BEGIN.*PRIVATE KEY-----";

class Redaction {
 public:
  explicit Redaction(const std::vector<std::string>& patterns) {
    Add(kPrivateKey);
    for (const std::string& pattern : patterns) Add(pattern);
  }

  void Apply(Json* value) const {
    if (value->is_string()) {
      if (Finds(value->get_ref<const std::string&>())) *value = kRedacted;
    } else if (value->is_structured()) {
      for (Json& inner : *value) Apply(&inner);
    }
  }

 private:
  void Add(const std::string& pattern) {
    patterns_.push_back(std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet));
  }
  bool Finds(const std::string& text) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&text](const auto& pattern) {
      return pattern->ok() && re2::RE2::PartialMatch(text, *pattern);
    });
  }

  std::vector<std::unique_ptr<const re2::RE2>> patterns_;
};

}  // namespace

absl::Status CheckPattern(const std::string& pattern) {
  const re2::RE2 compiled(pattern, re2::RE2::Quiet);
  if (compiled.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", pattern, "\" is no regular expression: ", compiled.error()));
}

std::function<void(absl::string_view)> RedactingSink(const std::vector<std::string>& patterns,
                                                     std::function<void(absl::string_view)> sink) {
  const auto redaction = std::make_shared<const Redaction>(patterns);
  return [redaction, sink = std::move(sink)](absl::string_view text) {
    Json line = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!line.is_object() || !line.contains("data")) return sink(text);
    redaction->Apply(&line["data"]);
    sink(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  };
}

}  // namespace diego::log
