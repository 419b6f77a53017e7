// proto3 enums are open: a peer may send a number that we have no name for. It becomes an
// InvalidRequest that names the field and the number, and never a value of our enums.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diego::wire {

// "Invalid field: <field>: unknown value <number>".
absl::Status UnknownEnumValue(absl::string_view field, int number);

// Casts `number` to our enum E when the proto enum's X_IsValid says that it has a name.
template <typename E>
absl::Status ReadEnum(absl::string_view field, int number, bool (*is_valid)(int), E* out) {
  if (!is_valid(number)) return UnknownEnumValue(field, number);
  *out = static_cast<E>(number);
  return absl::OkStatus();
}

}  // namespace diego::wire
