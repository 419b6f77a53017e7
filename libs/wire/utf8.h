// Strings of messages must be UTF-8: a peer refuses a whole message for one bad byte. Texts that
// come from programs or were cut to a length may hold anything, and the original's peers send and
// store them as they are.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace diego::wire {

// `bytes` of a message with ValidUtf8 of every text in it, however deep. A message in it that is
// malformed is left as it is. Takes time by size and by depth: for messages of bounded size.
std::string WithValidTexts(absl::string_view bytes, const google::protobuf::Descriptor& message);

// `text` with each byte that is no part of a UTF-8 character replaced by U+FFFD.
std::string ValidUtf8(absl::string_view text);

}  // namespace diego::wire
