// The keys of a service's database, and the options that they come to.
// Source: reference/config-and-metrics.md "BBS", "Locket".
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/config/table.h"
#include "libs/sql/database.h"

namespace diego::sql {

struct DatabaseConfig {
  std::string driver = "mysql";  // or sqlite
  std::string connection_string;
  int32_t max_open_connections = 200;  // 0 or less: no limit
  // Zero stands for the default.
  absl::Duration connection_timeout = absl::Minutes(10);
  absl::Duration read_timeout = absl::Minutes(10);
  absl::Duration write_timeout = absl::Minutes(10);
  absl::Duration operation_timeout = absl::Seconds(10);  // bounds the three above
  std::string ca_cert_file;
  bool enable_identity_verification = true;
  std::string client_cert_file;  // ours, as its key
  std::string client_key_file;
};

config::Table<DatabaseConfig> DatabaseTable();

// `retry_pause`: before a transaction is tried again, for which others may wait.
DatabaseOptions OptionsOf(const DatabaseConfig& config, absl::Duration retry_pause);

}  // namespace diego::sql
