#include "libs/sql/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::sql {
namespace {

constexpr char kPayloadUrl[] = "diego/sql-error-kind";

absl::Status BaseStatus(ErrorKind kind, int code, absl::string_view flavor,
                        absl::string_view text) {
  switch (kind) {
    case ErrorKind::kDuplicate: return DiegoError(ErrorType::kResourceExists);
    case ErrorKind::kDeadlock: return DiegoError(ErrorType::kDeadlock);
    case ErrorKind::kTooLong: return DiegoError(ErrorType::kInvalidRequest);
    case ErrorKind::kTableMissing:
      return DiegoError(ErrorType::kUnrecoverable, absl::StrCat("Unrecoverable Error: ", text));
    case ErrorKind::kConnectionLost:
      return absl::UnavailableError(
          absl::StrCat("database connection lost (", flavor, " ", code, "): ", text));
    default:
      return DiegoError(
          ErrorType::kUnknownError,
          absl::StrCat("sql-unknown, error code: ", code, ", flavor: ", flavor, " (", text, ")"));
  }
}

}  // namespace

absl::Status MakeError(ErrorKind kind, int code, absl::string_view flavor, absl::string_view text) {
  absl::Status status = BaseStatus(kind, code, flavor, text);
  status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(static_cast<int>(kind))));
  return status;
}

ErrorKind KindOf(const absl::Status& status) {
  int number = 0;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &number)) return ErrorKind::kNone;
  return static_cast<ErrorKind>(number);
}

bool IsRetryable(const absl::Status& status) {
  const ErrorKind kind = KindOf(status);
  return kind == ErrorKind::kDeadlock || kind == ErrorKind::kConnectionLost;
}

}  // namespace diego::sql
