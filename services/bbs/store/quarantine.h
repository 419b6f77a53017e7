// Quarantine: copies of rows that could not be read, kept beside them. The row itself stays where
// it is; but a new record of its key overwrites it, and the copy remains then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/sql/database.h"

namespace diego::bbs {

// Our table, in additions.cc.
inline constexpr char kQuarantineTable[] = "quarantined_rows";

// A row that could not be read as a whole.
struct QuarantinedRow {
  std::string table;
  std::string key;  // primary key, its parts joined by "/"
  absl::Status reason;
  // It is in the loaded state with what could be read (RowCodec::Salvage…). Else it is left out.
  bool salvaged = false;
  std::string content;  // its columns as a JSON object of texts, payloads sealed as they are
};

// Copies the rows, if `epoch` holds office. A row whose content is copied already is not copied
// again.
absl::Status CopyToQuarantine(sql::Database& database, uint64_t epoch,
                              const std::vector<QuarantinedRow>& rows, absl::Time now);

// A copy, as an operator sees it.
struct QuarantinedCopy {
  std::string table;
  std::string key;
  absl::Time found_at;
  std::string reason;
  std::string content;
};
// In the order of table and key. Ends with the first `visit` that is not OK. A database without
// the table has no copies.
absl::Status ReadQuarantine(sql::Database& database,
                            absl::FunctionRef<absl::Status(const QuarantinedCopy&)> visit);
// How many copies were dropped; `key` empty: all of that table.
absl::StatusOr<int64_t> DropFromQuarantine(sql::Database& database, absl::string_view table,
                                           absl::string_view key);

}  // namespace diego::bbs
