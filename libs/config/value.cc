#include "libs/config/value.h"

#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/config/duration.h"

namespace diego::config {
namespace {

using Json = nlohmann::json;

// The value as it may be quoted in a fault: short, and no secret gets here.
std::string Quote(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

std::string Wrong(const Json& value, absl::string_view remedy) {
  return absl::StrCat("is ", Quote(value), "; it must be ", remedy);
}

template <typename Int>
std::string StoreInteger(const Json& value, Int* place) {
  const std::string remedy =
      absl::StrCat("a whole number up to ", std::numeric_limits<Int>::max(), ", without quotes");
  if (!value.is_number_integer()) return Wrong(value, remedy);
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<Int>::max())) {
    return Wrong(value, remedy);
  }
  const auto number = value.get<int64_t>();
  if (number < std::numeric_limits<Int>::min()) return Wrong(value, remedy);
  *place = static_cast<Int>(number);
  return "";
}

std::string Store(const Json& value, std::string* place) {
  if (!value.is_string()) return Wrong(value, "a text in quotes");
  *place = value.get<std::string>();
  return "";
}
std::string Store(const Json& value, int32_t* place) { return StoreInteger(value, place); }
std::string Store(const Json& value, int64_t* place) { return StoreInteger(value, place); }
std::string Store(const Json& value, double* place) {
  if (!value.is_number()) return Wrong(value, "a number, without quotes");
  *place = value.get<double>();
  return "";
}
std::string Store(const Json& value, bool* place) {
  if (!value.is_boolean()) return Wrong(value, "true or false, without quotes");
  *place = value.get<bool>();
  return "";
}
std::string Store(const Json& value, absl::Duration* place) {
  if (!value.is_string()) return Wrong(value, "a duration in quotes, like \"30s\" or \"1m30s\"");
  const auto duration = ParseGoDuration(value.get<std::string>());
  if (!duration.ok()) return std::string(duration.status().message());
  *place = *duration;
  return "";
}
std::string Store(const Json& value, Address* place) {
  if (!value.is_string()) return Wrong(value, "an address in quotes, like \"bbs.internal:8889\"");
  if (value.get<std::string>().empty()) {
    *place = {};
    return "";
  }
  const auto address = ParseAddress(value.get<std::string>());
  if (!address.ok()) return std::string(address.status().message());
  *place = *address;
  return "";
}
std::string Store(const Json& value, std::vector<std::string>* place) {
  std::vector<std::string> items;
  if (!value.is_array()) return Wrong(value, "an array of texts, like [\"a\", \"b\"]");
  for (const Json& item : value) {
    if (!item.is_string()) return Wrong(value, "an array of texts only, like [\"a\", \"b\"]");
    items.push_back(item.get<std::string>());
  }
  *place = std::move(items);
  return "";
}
std::string Store(const Json& value, std::vector<Address>* place) {
  std::vector<std::string> texts;
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (!text.empty()) texts = absl::StrSplit(text, ',');
  } else if (const std::string fault = Store(value, &texts); !fault.empty()) {
    return Wrong(value, "addresses, like \"a.internal:8889,b.internal:8889\" or an array of them");
  }
  std::vector<Address> addresses;
  for (const std::string& text : texts) {
    auto address = ParseAddress(text);
    if (!address.ok()) return std::string(address.status().message());
    addresses.push_back(*std::move(address));
  }
  *place = std::move(addresses);
  return "";
}
std::string Store(const Json& value, std::map<std::string, std::string>* place) {
  std::map<std::string, std::string> items;
  // The values of such keys may be secret: they are not quoted.
  if (!value.is_object()) return "must be an object of texts, like {\"label\": \"text\"}";
  for (const auto& [key, item] : value.items()) {
    if (!item.is_string()) return absl::StrCat("\"", key, "\" in it must be a text in quotes");
    items[key] = item.get<std::string>();
  }
  *place = std::move(items);
  return "";
}

// As it was read.
std::string Written(const Address& address) {
  return absl::StrCat(address.is_url ? "https://" : "", address.ToString());
}

Json JsonOfText(absl::string_view text, const Target& target) {
  const std::string owned(text);
  if (std::holds_alternative<std::string*>(target) ||
      std::holds_alternative<absl::Duration*>(target) || std::holds_alternative<Address*>(target) ||
      std::holds_alternative<std::vector<Address>*>(target)) {
    return owned;
  }
  if (std::holds_alternative<std::vector<std::string>*>(target) && owned.substr(0, 1) != "[") {
    Json items = Json::array();
    for (const absl::string_view item : absl::StrSplit(text, ',', absl::SkipEmpty())) {
      items.push_back(std::string(item));
    }
    return items;
  }
  Json value = Json::parse(owned, nullptr, false);
  return value.is_discarded() ? Json(owned) : value;
}

}  // namespace

absl::string_view TypeNameOf(const Target& target) {
  static constexpr absl::string_view kNames[] = {
      "text",     "integer", "integer",   "number",        "true/false",
      "duration", "address", "addresses", "list of texts", "map of texts",
  };
  static_assert(std::variant_size_v<Target> == std::size(kNames));
  return kNames[target.index()];
}

std::string StoreJson(const Json& value, const Target& target) {
  return std::visit([&](auto* place) { return Store(value, place); }, target);
}

std::string StoreText(absl::string_view text, const Target& target) {
  return StoreJson(JsonOfText(text, target), target);
}

nlohmann::ordered_json ToJson(const Target& target) {
  if (auto* const* value = std::get_if<absl::Duration*>(&target)) {
    return FormatGoDuration(**value);
  }
  if (auto* const* value = std::get_if<Address*>(&target)) return Written(**value);
  if (auto* const* value = std::get_if<std::vector<Address>*>(&target)) {
    return absl::StrJoin(**value, ",", [](std::string* out, const Address& address) {
      absl::StrAppend(out, Written(address));
    });
  }
  return std::visit(
      [](auto* value) -> nlohmann::ordered_json {
        using Value = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_constructible_v<nlohmann::ordered_json, Value>) {
          return *value;
        } else {
          return nullptr;
        }
      },
      target);
}

}  // namespace diego::config
