// JSON objects of fixed keys, member by member: for what is no message. JsonObject writes as Go's
// encoder does, JsonMembers reads as its decoder does. Internal to libs/wire and to programs whose
// JSON is their own. Pure, one thread at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace diego::wire {

// An object, member after member in the order added.
class JsonObject {
 public:
  JsonObject& Raw(absl::string_view key, absl::string_view json);
  JsonObject& Text(absl::string_view key, absl::string_view value);
  JsonObject& Number(absl::string_view key, int64_t value) { return Raw(key, absl::StrCat(value)); }
  // The shortest text that reads back as the same number.
  JsonObject& Real(absl::string_view key, double value);
  JsonObject& Bool(absl::string_view key, bool value) { return Raw(key, value ? "true" : "false"); }
  // A list of strings; null when there are none, as Go writes a list that was never made.
  template <typename Strings>
  JsonObject& Texts(absl::string_view key, const Strings& values) {
    if (values.empty()) return Raw(key, "null");
    return Raw(key, absl::StrCat("[", absl::StrJoin(values, ",", AppendQuoted), "]"));
  }
  std::string Close() const { return absl::StrCat("{", members_, "}"); }

 private:
  static void AppendQuoted(std::string* out, absl::string_view value);
  std::string members_;
};

// "[a,b]" of what `to_json` makes of each item.
template <typename Items, typename ToJson>
std::string JsonArray(const Items& items, ToJson to_json) {
  return absl::StrCat(
      "[",
      absl::StrJoin(items, ",",
                    [&](std::string* out, const auto& item) { out->append(to_json(item)); }),
      "]");
}

using ReadJson = nlohmann::ordered_json;

// InvalidJSON when `text` is no JSON or nests too deeply.
absl::StatusOr<ReadJson> ParseJson(absl::string_view text);

// False unless `value` is a whole number that Number can hold.
template <typename Number>
bool ReadWholeNumber(const ReadJson& value, Number* out) {
  constexpr auto kMost = std::numeric_limits<Number>::max();
  const bool fits =
      value.is_number_unsigned()
          ? value.get<uint64_t>() <= static_cast<uint64_t>(kMost)
          : value.is_number_integer() && std::is_signed_v<Number> &&
                value.get<int64_t>() >= static_cast<int64_t>(std::numeric_limits<Number>::min()) &&
                value.get<int64_t>() <= static_cast<int64_t>(kMost);
  if (fits) *out = value.get<Number>();
  return fits;
}
// What to say when it cannot.
template <typename Number>
std::string WholeNumberFault() {
  return absl::StrCat("expected a whole number from ", std::numeric_limits<Number>::min(), " to ",
                      std::numeric_limits<Number>::max());
}

// The member of that key or, as Go does, one whose key differs in case only; nullptr without.
const ReadJson* FindMember(const ReadJson& object, absl::string_view key);

// Reads the members of one object. A member that is absent or null leaves its target as it is; the
// first fault is kept in `status` ("LRPs[1].index: expected …", InvalidJSON), and what is read
// after it is unspecified. Keys that nobody asks for are passed over.
class JsonMembers {
 public:
  // null counts as an object without members. `value` and `status` outlive it.
  JsonMembers(const ReadJson& value, std::string path, absl::Status* status);

  // nullptr when the member is absent or null.
  const ReadJson* Find(absl::string_view key) const;
  std::string PathOf(absl::string_view key) const;
  void Refuse(absl::string_view key, absl::string_view problem) const;

  void Read(absl::string_view key, std::string* out) const;
  void Read(absl::string_view key, bool* out) const;
  void Read(absl::string_view key, double* out) const;
  void Read(absl::string_view key, std::vector<std::string>* out) const;
  void Read(absl::string_view key, int32_t* out) const { ReadWhole(key, out); }
  void Read(absl::string_view key, int64_t* out) const { ReadWhole(key, out); }
  // A strong id.
  template <typename Id, typename = decltype(Id().value())>
  void Read(absl::string_view key, Id* out) const {
    std::string text;
    Read(key, &text);
    *out = Id(text);
  }
  // Calls `read(element, path)` for each element of a list.
  template <typename ReadElement>
  void Each(absl::string_view key, ReadElement read) const {
    const ReadJson* list = Find(key);
    if (list == nullptr) return;
    if (!list->is_array()) return Refuse(key, "expected a list");
    int index = 0;
    for (const ReadJson& element : *list) {
      read(element, absl::StrCat(PathOf(key), "[", index++, "]"));
    }
  }

 private:
  template <typename Number>
  void ReadWhole(absl::string_view key, Number* out) const {
    const ReadJson* value = Find(key);
    if (value == nullptr || ReadWholeNumber(*value, out)) return;
    Refuse(key, WholeNumberFault<Number>());
  }

  const ReadJson* object_;  // nullptr: no members
  const std::string path_;
  absl::Status* const status_;
};

}  // namespace diego::wire
