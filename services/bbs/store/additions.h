// What our schema has beside the original's: tables and nullable columns that the original does not
// look at, so that it can go on with a database that was ours. They have no version of their own:
// what is missing is made whenever the BBS takes office, and what is there is left as it is.
#pragma once

#include "absl/status/status.h"
#include "libs/sql/database.h"

namespace diego::bbs {

// Safe to repeat after any failure or death. The original's schema must be up to date.
absl::Status EnsureAdditions(sql::Database& database);

}  // namespace diego::bbs
