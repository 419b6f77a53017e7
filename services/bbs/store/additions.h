// Additions: what we keep in the BBS's database beyond the original's schema. Whole tables, and
// nullable columns in the original's tables; nothing else, so that the original reads and writes
// such a database as if they were not there.
//
// They have no version. The version row is the original's, which refuses a database above its own
// latest; and what is there says itself whether it has to be made. So a database may be moved
// between the original and any builds of ours, in any order. See docs/adr/0008, and CONTRIBUTING
// "Adding a column".
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/database.h"
#include "libs/sql/migrations.h"

namespace diego::bbs {

struct AddedTable {
  std::string name;
  std::string columns;  // between the parentheses of CREATE TABLE, good for both drivers
};
// NULL in every row that the original, or a build that does not know the column, has inserted. Both
// change rows without touching it, so a value may outlive what it was about.
struct AddedColumn {
  std::string table;
  std::string name;
  std::string type;  // good for both drivers, without NOT NULL and DEFAULT
};
struct Additions {
  std::vector<AddedTable> tables;
  std::vector<AddedColumn> columns;
};

// Those of this build. The leadership row's table is made before them (leadership.h).
const Additions& OurAdditions();

// The statements that make what is missing, or that drop what is there. Reads the schema only.
absl::StatusOr<std::vector<std::string>> StatementsToAdd(sql::Database& database,
                                                         const Additions& additions);
absl::StatusOr<std::vector<std::string>> StatementsToDrop(sql::Database& database,
                                                          const Additions& additions);

// Makes what is missing: on the original's latest schema. Idempotent, safe from several processes
// at once, and after being killed at any statement.
absl::Status EnsureAdditions(sql::Database& database, const Additions& additions,
                             const sql::MayGoOn& may_go_on);
// Drops what is there, with everything stored in it; as safe.
absl::Status DropAdditions(sql::Database& database, const Additions& additions,
                           const sql::MayGoOn& may_go_on);

}  // namespace diego::bbs
