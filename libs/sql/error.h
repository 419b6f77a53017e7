// What went wrong in the database, as far as a caller would react differently.
// Source: reference/sql-schema.md, "Semantics and error mapping".
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diego::sql {

enum class ErrorKind {
  kNone,            // the status is OK, or does not come from a database
  kDuplicate,       // a unique key is taken            -> DiegoError ResourceExists
  kDeadlock,        // deadlock, or a lock not had in time: the whole transaction may be tried
                    // again                            -> DiegoError Deadlock
  kConnectionLost,  // no connection, or it broke. While committing: the outcome is unknown. Else
                    // nothing of the transaction lands -> Unavailable, UnknownError
  kTableMissing,    //                                  -> DiegoError Unrecoverable
  kTooLong,         // a value does not fit its column  -> DiegoError InvalidRequest
  kAlreadyThere,    // a column or index to be added is there already -> UnknownError
  kNotThere,        // a column or index to be dropped is not there   -> UnknownError
  kOther,           //                                  -> DiegoError UnknownError
};

// The kind a status carries; kNone for those that no database made.
ErrorKind KindOf(const absl::Status& status);

// True for those after which the whole transaction may be tried again.
bool IsRetryable(const absl::Status& status);

// A status of this kind with both payloads, ours and DiegoError's. `code` and `flavor` ("mysql",
// "sqlite") are what the reference's text for unknown errors names; `text` is the database's.
absl::Status MakeError(ErrorKind kind, int code, absl::string_view flavor, absl::string_view text);

}  // namespace diego::sql
