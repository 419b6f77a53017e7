// Many rows in few statements: what makes grouped commits fast.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "libs/sql/database.h"
#include "libs/sql/dialect.h"
#include "libs/sql/value.h"

namespace diego::sql {

// Inserts or overwrites rows. Each row has a value for every column of `table`; no key may occur
// twice. Sent as statements of up to 64 rows from a fixed set of sizes, so that each is prepared
// once a connection.
absl::Status UpsertRows(Transaction& tx, const TableShape& table, std::vector<Values> rows);

// Deletes by primary key; keys that are not there are no error. Each key has table.key_columns
// values.
absl::Status DeleteRows(Transaction& tx, const TableShape& table, std::vector<Values> keys);

}  // namespace diego::sql
