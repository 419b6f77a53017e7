// Options of a database from the configuration block that services share.
#pragma once

#include "absl/time/time.h"
#include "libs/config/database_block.h"
#include "libs/sql/database.h"

namespace diego::sql {

// `retry_pause`: before a transaction is tried again, for which others may wait.
DatabaseOptions OptionsOf(const config::DatabaseConfig& config, absl::Duration retry_pause);

}  // namespace diego::sql
