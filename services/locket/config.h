// Locket's configuration. Source: reference/config-and-metrics.md "Locket".
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"
#include "libs/sql/configured.h"

namespace diego::locket {

struct LocketConfig {
  config::Address listen_address{"0.0.0.0", 8891};
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  sql::DatabaseConfig database;

  config::PeerConfig peers;
  config::LoggingConfig logging;
};

config::Table<LocketConfig> LocketConfigTable();

}  // namespace diego::locket
