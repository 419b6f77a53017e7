#include "integration/suite/bad_json.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::suite {
namespace {

// Deeper, an object is left empty.
constexpr int kDeepest = 4;

// Not all that should be escaped is, so that readers see raw control bytes, too.
std::string Quoted(Random* random, const std::string& text) {
  const bool raw = OneIn(random, 8);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20 && !raw) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Bottomless(Random* random) {
  constexpr size_t kLevels = 100'000;
  if (OneIn(random, 2)) return std::string(kLevels, '[');
  std::string nested;
  for (size_t i = 0; i < kLevels / 10; ++i) nested += "{\"LRPs\":[";
  return nested;
}

}  // namespace

struct BadJson::Key {
  const char* name;
  Type type;
};

const BadJson::Key BadJson::kKeys[] = {
    {"LRPs", Type::kObjects},
    {"Tasks", Type::kObjects},
    {"cell_id", Type::kText},
    {"instance_guid", Type::kText},
    {"process_guid", Type::kText},
    {"index", Type::kNumber},
    {"indices", Type::kNumbers},
    {"domain", Type::kText},
    {"TaskGuid", Type::kText},
    {"Domain", Type::kText},
    {"PlacementTags", Type::kTexts},
    {"VolumeDrivers", Type::kTexts},
    {"RootFs", Type::kText},
    {"MemoryMB", Type::kNumber},
    {"DiskMB", Type::kNumber},
    {"MaxPids", Type::kNumber},
    {"state", Type::kText},
    {"failed", Type::kFlag},
    {"internal_routes", Type::kObjects},
    {"hostname", Type::kText},
    {"metric_tags", Type::kObject},
    {"rootfs", Type::kText},  // another case than above
};

template <typename Element>
std::string BadJson::Array(Element element) {
  std::string array = "[";
  for (uint64_t n = random_.Below(3); n > 0; --n) {
    absl::StrAppend(&array, array == "[" ? "" : ",", element());
  }
  return array + "]";
}

std::string BadJson::Object(int depth) {
  if (depth > kDeepest) return "{}";
  std::string object = "{";
  for (const Key& key : kKeys) {
    if (OneIn(&random_, depth == 0 ? 3 : 2)) continue;
    absl::StrAppend(&object, object == "{" ? "" : ",", "\"", key.name,
                    "\":", OneIn(&random_, 60) ? AnyValue(depth + 1) : Value(key.type, depth + 1));
    if (OneIn(&random_, 100)) absl::StrAppend(&object, ",\"", key.name, "\":null");  // twice
  }
  return object + "}";
}

std::string BadJson::Value(Type type, int depth) {
  const auto text = [this] { return Quoted(&random_, AwkwardText(&random_)); };
  const auto number = [this] { return absl::StrCat(AwkwardNumber(&random_)); };
  switch (type) {
    case Type::kText: return text();
    case Type::kNumber: return number();
    case Type::kFlag: return OneIn(&random_, 2) ? "true" : "false";
    case Type::kTexts: return Array(text);
    case Type::kNumbers: return Array(number);
    case Type::kObject: return Object(depth);
    case Type::kObjects: return Array([this, depth] { return Object(depth); });
  }
  return "null";
}

std::string BadJson::AnyValue(int depth) {
  constexpr const char* kOdd[] = {
      "null",        "1e999",    "-0.5", "1e3",
      "\"\\ud800\"", "\"\xff\"", "NaN",  "123456789012345678901234567890",
      "[[]]",        "{\"\":{}}"};
  if (OneIn(&random_, 2)) return kOdd[random_.Below(std::size(kOdd))];
  return Value(static_cast<Type>(random_.Below(7)), depth);
}

BadRequest BadJson::Next() {
  const std::string whole = OneIn(&random_, 2) ? Object(0) : Value(Type::kObjects, 0);
  switch (random_.Below(10)) {
    case 0: return {Noise(&random_, 200), "random bytes"};
    case 1: return {Truncated(&random_, whole), "truncated"};
    case 2: return {Changed(&random_, whole), "changed bytes"};
    case 3: return {AnyValue(0), "any value"};
    case 4: return {whole + whole, "twice"};
    case 5: return {"\xef\xbb\xbf" + whole, "a byte order mark"};
    case 6:
      if (OneIn(&random_, 5)) return {Bottomless(&random_), "bottomless"};
      [[fallthrough]];
    default: return {whole, "values of all kinds"};
  }
}

}  // namespace diego::suite
