// JSON text in small: quoting as Go does, compacting raw values, a guard against deep nesting.
// For what writes JSON: json_*.cc, and programs whose JSON is no message.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace diego::wire {

// How deep objects and lists may nest before a text is refused.
inline constexpr int kJsonDepthLimit = 500;

// Appends `text` in quotes. < > & and the line separators U+2028 and U+2029 are escaped, as Go's
// encoder does; bytes that are no UTF-8 become U+FFFD.
void AppendJsonString(absl::string_view text, std::string* out);

// Appends a JSON text without the blanks between its tokens and with the escapes above. A text that
// is no JSON is appended as a string; an empty one as null.
void AppendRawJson(absl::string_view text, std::string* out);

// True when `text` nests objects and lists deeper than kJsonDepthLimit.
bool NestsTooDeeply(absl::string_view text);

}  // namespace diego::wire
