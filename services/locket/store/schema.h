// Locket's tables: `locks` as the original has it, and `lock_fences`, ours, whose rows are never
// deleted. Source: reference/sql-schema.md "Locket tables"; design-notes.md section 2 (Locket).
#pragma once

#include "absl/status/status.h"
#include "libs/sql/database.h"
#include "libs/sql/dialect.h"

namespace diego::locket {

// Columns in this order everywhere.
const sql::TableShape& LocksTable();
const sql::TableShape& FencesTable();

// Creates what is missing. Additive and idempotent: any server may do it at any time, beside
// others that run an older or a newer version.
absl::Status CreateTables(sql::Database& database);

}  // namespace diego::locket
