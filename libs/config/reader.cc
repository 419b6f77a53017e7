#include "libs/config/reader.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/config/value.h"
#include "nlohmann/json.hpp"

namespace diego::config {
namespace {

using Json = nlohmann::json;

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// Reads one configuration; collects faults as it goes.
class Reading {
 public:
  Reading(const Schema& schema, void* config) : schema_(schema), config_(config) {}

  void File(absl::string_view text) {
    if (text.empty()) return;
    Json json;
    if (!Parse(text, &json)) return;
    if (!json.is_object()) {
      faults_.Add("the file", "is not a JSON object; write {\"key\": value, …}");
      return;
    }
    Object(json, "");
  }

  void Flags(const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      const std::string path = absl::StrReplaceAll(flag.key, {{"-", "_"}});
      if (const KeySpec* key = schema_.Find(path)) {
        Note(*key, StoreText(flag.value, key->In(config_)));
      } else if (!Ignore(path)) {
        Unknown(path, absl::StrCat("--", flag.key));
      }
    }
  }

  absl::Status Finish(std::vector<Notice>* notices) {
    for (const KeySpec& key : schema_.keys()) {
      if (bad_.count(key.path()) > 0) continue;
      if (given_.count(key.path()) > 0) {
        key.RunChecks(config_, &faults_);
      } else if (key.required() && !unreadable_) {
        faults_.Add(key.path(), absl::StrCat("is missing; give ", key.meaning()));
      }
    }
    if (faults_.empty()) schema_.RunChecks(config_, &faults_);
    if (notices) {
      *notices = ignored_;
      notices->insert(notices->end(), faults_.notices().begin(), faults_.notices().end());
    }
    if (faults_.empty()) return absl::OkStatus();
    const size_t count = faults_.lines().size();
    return absl::InvalidArgumentError(absl::StrCat(schema_.service(), " configuration: ", count,
                                                   count == 1 ? " fault" : " faults", "\n  ",
                                                   absl::StrJoin(faults_.lines(), "\n  ")));
  }

 private:
  bool Parse(absl::string_view text, Json* json) {
    std::vector<std::set<std::string>> open;
    const auto see = [&](int, Json::parse_event_t event, Json& parsed) {
      if (event == Json::parse_event_t::object_start) open.emplace_back();
      if (event == Json::parse_event_t::object_end) open.pop_back();
      if (event == Json::parse_event_t::key &&
          !open.back().insert(parsed.get<std::string>()).second)
        faults_.Add(parsed.get<std::string>(), "is given twice; keep one");
      return true;
    };
    try {
      *json = Json::parse(text.begin(), text.end(), see);
      return true;
    } catch (const Json::exception& error) {
      unreadable_ = true;
      faults_.Add("the file", absl::StrCat("is not JSON: ", error.what()));
      return false;
    }
  }

  void Object(const Json& object, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
      const std::string path = prefix + name;
      if (Ignore(path)) continue;
      if (const KeySpec* key = schema_.Find(path)) {
        // As in the original, null leaves the default.
        if (!value.is_null()) Note(*key, StoreJson(value, key->In(config_)));
      } else if (!schema_.IsObject(path)) {
        Unknown(path, path);
      } else if (value.is_object()) {
        Object(value, path + ".");
      } else if (!value.is_null()) {
        faults_.Add(path, "must be an object, like {\"key\": value}");
      }
    }
  }

  void Note(const KeySpec& key, const std::string& fault) {
    given_.insert(key.path());
    if (fault.empty()) {
      bad_.erase(key.path());
      return;
    }
    bad_.insert(key.path());
    faults_.Add(key.path(), key.secret() ? "has the wrong type (its value is secret)" : fault);
  }

  bool Ignore(const std::string& path) {
    const auto found =
        absl::c_find_if(schema_.ignored(), [&](const IgnoredKey& key) { return key.name == path; });
    if (found == schema_.ignored().end()) return false;
    ignored_.push_back({Notice::Kind::kIgnored, found->name, found->reason});
    return true;
  }

  void Unknown(const std::string& path, absl::string_view shown) {
    std::string nearest;
    size_t least = std::max<size_t>(2, path.size() / 3) + 1;
    for (const KeySpec& key : schema_.keys()) {
      const size_t distance = EditDistance(path, key.path());
      if (distance < least) {
        least = distance;
        nearest = key.path();
      }
    }
    faults_.Add(shown, nearest.empty() ? "unknown key; remove it (--help lists the keys)"
                                       : absl::StrCat("unknown key; did you mean ", nearest, "?"));
  }

  const Schema& schema_;
  void* const config_;
  Faults faults_;
  bool unreadable_ = false;  // the file: what it lacks is not known
  std::set<std::string> given_;
  std::set<std::string> bad_;
  std::vector<Notice> ignored_;
};

}  // namespace

absl::Status ReadInto(const Schema& schema, absl::string_view json, const std::vector<Flag>& flags,
                      void* config, std::vector<Notice>* notices) {
  Reading reading(schema, config);
  reading.File(json);
  reading.Flags(flags);
  return reading.Finish(notices);
}

std::string Print(const Schema& schema, void* config) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const KeySpec& key : schema.keys()) {
    nlohmann::ordered_json* place = &out;
    for (const absl::string_view part : absl::StrSplit(key.path(), '.')) {
      place = &(*place)[std::string(part)];
    }
    *place = ToJson(key.In(config));
    if (key.secret() && !place->empty() && *place != "") *place = "(hidden)";
  }
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string DescribeKeys(const Schema& schema, void* fresh_config) {
  std::string out;
  for (const KeySpec& key : schema.keys()) {
    const Target target = key.In(fresh_config);
    const nlohmann::ordered_json value = ToJson(target);
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    absl::StrAppend(&out, "  ", key.path(), " (", TypeNameOf(target));
    if (key.required()) {
      absl::StrAppend(&out, ", required");
    } else if (!shown.empty() && shown != "[]" && shown != "{}") {
      absl::StrAppend(&out, ", default ", shown);
    }
    absl::StrAppend(&out, ")\n      ", key.meaning(), "\n");
  }
  return out;
}

}  // namespace diego::config
