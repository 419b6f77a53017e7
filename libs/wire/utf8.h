// Strings of messages must be UTF-8: a peer refuses a whole message for one bad byte. Texts that
// come from programs or were cut to a length may hold anything.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace diego::wire {

// `text` with each byte that is no part of a UTF-8 character replaced by U+FFFD.
std::string ValidUtf8(absl::string_view text);

}  // namespace diego::wire
