#include "libs/sql/configured.h"

#include <algorithm>
#include <limits>

namespace diego::sql {

DatabaseOptions OptionsOf(const config::DatabaseConfig& config, absl::Duration retry_pause) {
  const auto or_default = [](absl::Duration value, absl::Duration zero) {
    return value == absl::ZeroDuration() ? zero : value;
  };
  const config::DatabaseConfig defaults;
  const absl::Duration operation = or_default(config.operation_timeout, defaults.operation_timeout);
  const auto bounded = [&](absl::Duration timeout) {
    return std::min(or_default(timeout, operation), operation);
  };
  DatabaseOptions options;
  options.driver = config.driver;
  options.connection_string = config.connection_string;
  options.ca_file = config.ca_cert_file;
  options.verify_host_name = config.enable_identity_verification;
  options.cert_file = config.client_cert_file;
  options.key_file = config.client_key_file;
  options.connect_timeout = bounded(config.connection_timeout);
  options.read_timeout = bounded(config.read_timeout);
  options.write_timeout = bounded(config.write_timeout);
  options.max_open_connections = config.max_open_connections > 0 ? config.max_open_connections
                                                                 : std::numeric_limits<int>::max();
  options.retry_pause = retry_pause;
  return options;
}

}  // namespace diego::sql
