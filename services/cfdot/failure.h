// How a command fails: a text for stderr and the exit code. Travels as absl::Status with the exit
// code as payload. Source: reference/cli-cfdot.md "exit codes", "BBS error text".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diego::cfdot {

enum class ExitCode {
  kOk = 0,
  kValidation = 3,  // bad flags or arguments; the usage is printed too
  kComponent = 4,   // the BBS, Locket or a cell refused
  kCall = 5,        // a BBS call went wrong in another way
  kOther = 255,
};

absl::Status Failure(ExitCode code, absl::string_view text);
absl::Status Invalid(absl::string_view text);
// Adds what to do about it: a line of its own on stderr, behind a text that is the original's.
absl::Status WithHint(absl::Status failure, absl::string_view hint);

// "" for none.
std::string HintOf(const absl::Status& status);
// kOther for a status that none of these functions made.
ExitCode ExitCodeOf(const absl::Status& status);

// What a call to the BBS returned. A refusal of a Diego type, and a timeout, becomes the three-line
// text; anything else keeps its message. OK stays OK, and so does what already has an exit code.
absl::Status BbsFailure(const absl::Status& status);
// "Locket error: <CODE>: <message>".
absl::Status LocketFailure(const absl::Status& status);
// "Rep error: <what>: <message>"; `what` as "Failed to get cell state for cell cell-1".
absl::Status RepFailure(absl::string_view what, const absl::Status& status);

}  // namespace diego::cfdot
