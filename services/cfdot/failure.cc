#include "services/cfdot/failure.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::cfdot {
namespace {

constexpr char kPayloadUrl[] = "cfdot/exit-code";
constexpr char kHintUrl[] = "cfdot/hint";

// The code that tells readers of a status, in tests and logs, roughly the same.
absl::StatusCode CodeOf(ExitCode code) {
  switch (code) {
    case ExitCode::kValidation: return absl::StatusCode::kInvalidArgument;
    case ExitCode::kComponent: return absl::StatusCode::kFailedPrecondition;
    case ExitCode::kCall: return absl::StatusCode::kUnavailable;
    case ExitCode::kOk:
    case ExitCode::kOther: break;
  }
  return absl::StatusCode::kUnknown;
}

}  // namespace

absl::Status Failure(ExitCode code, absl::string_view text) {
  absl::Status status(CodeOf(code), text);
  status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

absl::Status Invalid(absl::string_view text) { return Failure(ExitCode::kValidation, text); }

absl::Status WithHint(absl::Status failure, absl::string_view hint) {
  failure.SetPayload(kHintUrl, absl::Cord(hint));
  return failure;
}

std::string HintOf(const absl::Status& status) {
  const auto hint = status.GetPayload(kHintUrl);
  return hint ? std::string(*hint) : std::string();
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  int number = 0;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &number)) return ExitCode::kOther;
  return static_cast<ExitCode>(number);
}

absl::Status BbsFailure(const absl::Status& status) {
  if (status.ok() || ExitCodeOf(status) != ExitCode::kOther) return status;
  const ErrorType type = ErrorTypeOf(status);
  if (!IsDiegoError(status, type) && !absl::IsDeadlineExceeded(status)) {
    return Failure(ExitCode::kCall,
                   absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message()));
  }
  return Failure(ExitCode::kComponent,
                 absl::StrCat("BBS error\nType ", static_cast<int>(type), ": ", ErrorTypeName(type),
                              "\nMessage: ", status.message()));
}

absl::Status LocketFailure(const absl::Status& status) {
  if (status.ok() || ExitCodeOf(status) != ExitCode::kOther) return status;
  return Failure(ExitCode::kComponent,
                 absl::StrCat("Locket error: ", absl::StatusCodeToString(status.code()), ": ",
                              status.message()));
}

absl::Status RepFailure(absl::string_view what, const absl::Status& status) {
  if (status.ok() || ExitCodeOf(status) != ExitCode::kOther) return status;
  return Failure(ExitCode::kComponent,
                 absl::StrCat("Rep error: ", what, ": ", absl::StatusCodeToString(status.code()),
                              ": ", status.message()));
}

}  // namespace diego::cfdot
