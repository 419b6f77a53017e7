// The JSON forms of the messages of package models: what operators read and write, what Locket
// keeps of a cell and what task callbacks carry. One rule table (json_rules.h) over protobuf
// reflection; no code per message. Pure functions, any thread.
// Source: reference/wire-models.md, column J and "Non-obvious serialisations".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace diego::wire {

// The text that Go's encoder would emit: one line, no blanks, keys in the order in which the fields
// are declared, map keys sorted, < > & as \u003c \u003e \u0026. An enum number that we have no name
// for is written as that number in quotes. A route whose text is no JSON is written as a string.
std::string ToJson(const google::protobuf::Message& message);

// What to do with a key that the message does not have. Peers of other versions send such keys;
// an operator's may be a typing error.
enum class UnknownKeys { kIgnore, kRefuse };

// Reads what ToJson writes into `out`, which is cleared first. Keys match in any case when none
// matches exactly; null leaves a field unset; an unknown dynamic metric tag becomes 0.
// InvalidJSON "<path>: <what is wrong>" otherwise, as "action.serial.actions[1].run.user: expected
// a string"; `out` is then unspecified. Routes keep their meaning, not their blanks.
absl::Status FromJson(absl::string_view text, google::protobuf::Message* out,
                      UnknownKeys unknown_keys = UnknownKeys::kIgnore);

}  // namespace diego::wire
