// Locket's configuration. Source: reference/config-and-metrics.md "Locket".
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"

namespace diego::locket {

struct LocketConfig {
  config::Address listen_address{"0.0.0.0", 8891};
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  std::string database_driver = "mysql";
  std::string database_connection_string;
  int32_t max_open_database_connections = 200;
  absl::Duration db_connection_timeout = absl::Minutes(10);
  absl::Duration db_read_timeout = absl::Minutes(10);
  absl::Duration db_write_timeout = absl::Minutes(10);
  absl::Duration db_operation_timeout = absl::Seconds(10);  // bounds the three above
  std::string sql_ca_cert_file;
  bool sql_enable_identity_verification = true;
  std::string sql_client_cert_file;
  std::string sql_client_key_file;

  config::PeerConfig peers;
  config::LoggingConfig logging;
};

config::Table<LocketConfig> LocketConfigTable();

}  // namespace diego::locket
