#include "libs/wire/columns.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/json_text.h"
#include "proto/models/metric_tags.pb.h"

namespace diego::wire {
namespace {

using nlohmann::json;

absl::Status NotA(absl::string_view what) {
  return DiegoError(ErrorType::kDeserialize, absl::StrCat("could not deserialize record: ", what));
}

// The parsed text; `empty` for "" and null.
absl::StatusOr<json> ParseColumn(absl::string_view text, json empty, absl::string_view what) {
  if (text.empty()) return empty;
  if (NestsTooDeeply(text)) return NotA(what);
  json value = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_null()) return empty;
  if (value.type() != empty.type()) return NotA(what);
  return value;
}

// {"key":<write(value)>,…} of a sorted map.
template <typename Map, typename Write>
std::string ObjectToJson(const Map& map, Write write) {
  std::string text = "{";
  for (const auto& [key, value] : map) {
    if (text.size() > 1) text += ',';
    AppendJsonString(key, &text);
    text += ':';
    write(value, &text);
  }
  return text + "}";
}

// Reads {"key":"value",…} tokens of a text that is known to be a JSON object, without copying.
class ObjectScanner {
 public:
  explicit ObjectScanner(absl::string_view text) : rest_(absl::StripAsciiWhitespace(text)) {
    rest_.remove_prefix(1);
  }

  // The next member's key, quoted as it stands, and its value's text; false at the end.
  bool Next(absl::string_view* key, absl::string_view* value) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    if (rest_[0] == '}') return false;
    *key = Take(ValueBytes());
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    rest_.remove_prefix(1);  // the colon
    *value = absl::StripAsciiWhitespace(Take(ValueBytes()));
    if (rest_[0] == ',') rest_.remove_prefix(1);
    return true;
  }

 private:
  absl::string_view Take(size_t size) {
    const absl::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // Up to the colon, comma or bracket that ends what comes next.
  size_t ValueBytes() const {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (in_string) {
        if (c == '\\') ++i;
        if (c == '"') in_string = false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == ':' || c == '}')) return i;
      if (c == '"') in_string = true;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
    }
    return rest_.size();
  }

  absl::string_view rest_;
};

}  // namespace

std::string RoutesToJson(const Routes& routes) { return ObjectToJson(routes, AppendRawJson); }

absl::StatusOr<Routes> RoutesFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const json object, ParseColumn(text, json::object(), "routes"));
  Routes routes;
  if (object.empty()) return routes;
  ObjectScanner scanner(text);
  absl::string_view key;
  absl::string_view value;
  while (scanner.Next(&key, &value)) {
    routes[json::parse(key.begin(), key.end()).get<std::string>()] = std::string(value);
  }
  return routes;
}

std::string MetricTagsToJson(const MetricTags& tags) {
  return ObjectToJson(tags, [](const MetricTagValue& tag, std::string* out) {
    *out += '{';
    if (!tag.static_value.empty()) {
      *out += R"("static":)";
      AppendJsonString(tag.static_value, out);
    }
    if (tag.dynamic != MetricTagValue::Dynamic::kInvalid) {
      if (!tag.static_value.empty()) *out += ',';
      *out += R"("dynamic":)";
      AppendJsonString(models::MetricTagValue::DynamicValue_Name(static_cast<int>(tag.dynamic)),
                       out);
    }
    *out += '}';
  });
}

absl::StatusOr<MetricTags> MetricTagsFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const json object, ParseColumn(text, json::object(), "metric_tags"));
  MetricTags tags;
  for (auto it = object.begin(); it != object.end(); ++it) {
    MetricTagValue& tag = tags[it.key()];
    if (it->is_null()) continue;
    if (!it->is_object()) return NotA("metric_tags");
    const json fixed = it->value("static", json(""));
    const json dynamic = it->value("dynamic", json(""));
    if (!fixed.is_string() || !dynamic.is_string()) return NotA("metric_tags");
    tag.static_value = fixed.get<std::string>();
    models::MetricTagValue::DynamicValue number{};
    if (models::MetricTagValue::DynamicValue_Parse(dynamic.get<std::string>(), &number)) {
      tag.dynamic = static_cast<MetricTagValue::Dynamic>(number);
    }
  }
  return tags;
}

std::string InternalRoutesToJson(const std::vector<std::string>& hostnames) {
  std::string text = "[";
  for (const std::string& hostname : hostnames) {
    text += text.size() > 1 ? R"(,{"hostname":)" : R"({"hostname":)";
    AppendJsonString(hostname, &text);
    text += '}';
  }
  return text + "]";
}

absl::StatusOr<std::vector<std::string>> InternalRoutesFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const json list, ParseColumn(text, json::array(), "internal_routes"));
  std::vector<std::string> hostnames;
  for (const json& route : list) {
    if (!route.is_object()) return NotA("internal_routes");
    const json hostname = route.value("hostname", json(""));
    if (!hostname.is_string()) return NotA("internal_routes");
    hostnames.push_back(hostname.get<std::string>());
  }
  return hostnames;
}

std::string StringMapToJson(const std::map<std::string, std::string>& map) {
  return ObjectToJson(map, AppendJsonString);
}

absl::StatusOr<std::map<std::string, std::string>> StringMapFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const json object, ParseColumn(text, json::object(), "metric_tags"));
  std::map<std::string, std::string> map;
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (!it->is_string()) return NotA("metric_tags");
    map[it.key()] = it->get<std::string>();
  }
  return map;
}

std::string StringsToJson(const std::vector<std::string>& strings) {
  std::string text = "[";
  for (const std::string& string : strings) {
    if (text.size() > 1) text += ',';
    AppendJsonString(string, &text);
  }
  return text + "]";
}

absl::StatusOr<std::vector<std::string>> StringsFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const json list, ParseColumn(text, json::array(), "placement_tags"));
  std::vector<std::string> strings;
  for (const json& string : list) {
    if (!string.is_string()) return NotA("placement_tags");
    strings.push_back(string.get<std::string>());
  }
  return strings;
}

}  // namespace diego::wire
