// How each field looks in JSON where that is not the default. Used by json_*.cc only.
//
// The defaults: the key is the field's name; scalars are always present; sub-messages, lists and
// maps are left out when unset or empty; members of a oneof are there when set; enums are written
// by name. A list or map that is kept when empty is null, and so is a kept sub-message. Source:
// reference/wire-models.md, column J and "Non-obvious serialisations".
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"

namespace diego::wire {

enum JsonFlag : unsigned {
  kOmit = 1,          // a scalar left out when it is zero or empty
  kKeep = 2,          // a sub-message, list or map that is there even when empty
  kFlat = 4,          // its members are merged into the parent object
  kAlways = 8,        // a sub-message that counts as set even when it is not
  kNumber = 16,       // an enum written as its number
  kEmptyObject = 32,  // an empty map is {} instead of null
  kWrapped = 64,      // a oneof member in an object of its own: "<key>":{"<field name>":value}
  kBare = 128,        // the only field of its message; the message is written as this field alone
  kZeroIfUnknown = 256,  // an enum whose unknown names read as 0
};

struct JsonRule {
  const char* field;  // "Message.field", in package models
  const char* key;    // nullptr: the field's name
  unsigned flags;
};

// The whole table.
absl::Span<const JsonRule> JsonRules();

// What the table and the defaults say of one field.
struct JsonField {
  absl::string_view key;
  bool omit_empty = false;
  unsigned flags = 0;

  bool Is(JsonFlag flag) const { return (flags & flag) != 0; }
};
JsonField JsonFieldOf(const google::protobuf::FieldDescriptor* field);

// The kBare field of the message, or nullptr.
const google::protobuf::FieldDescriptor* BareField(const google::protobuf::Descriptor* message);

}  // namespace diego::wire
