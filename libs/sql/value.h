// Value: what is bound to one placeholder of a statement.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace diego::sql {

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};

// Raw bytes; a std::string value is text and must be UTF-8.
struct Blob {
  std::string bytes;

  friend bool operator==(const Blob&, const Blob&) = default;
};

using Value = std::variant<Null, int64_t, std::string, Blob>;
using Values = std::vector<Value>;

inline Value Text(absl::string_view text) {
  return Value(std::in_place_type<std::string>, text.data(), text.size());
}

}  // namespace diego::sql
