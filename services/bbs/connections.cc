#include "services/bbs/connections.h"

#include <algorithm>

#include "libs/clients/configured.h"

namespace diego::bbs {

sql::DatabaseOptions DatabaseOptionsOf(const BbsConfig& config) {
  sql::DatabaseOptions options;
  options.driver = config.database_driver;
  options.connection_string = config.database_connection_string;
  options.ca_file = config.sql_ca_cert_file;
  options.verify_host_name = config.sql_enable_identity_verification;
  options.cert_file = config.sql_client_cert_file;
  options.key_file = config.sql_client_key_file;
  options.connect_timeout = std::min(config.db_connection_timeout, config.db_operation_timeout);
  options.read_timeout = std::min(config.db_read_timeout, config.db_operation_timeout);
  options.write_timeout = std::min(config.db_write_timeout, config.db_operation_timeout);
  options.max_open_connections = config.max_open_database_connections;
  // Everybody waits behind the transaction that is tried again: soon, or not at all.
  options.retry_pause = absl::Milliseconds(50);
  return options;
}

rpc::TlsFiles TlsOf(const BbsConfig& config, const std::string& ca, const std::string& cert,
                    const std::string& key) {
  return {ca.empty() ? config.ca_file : ca, cert.empty() ? config.cert_file : cert,
          key.empty() ? config.key_file : key};
}

clients::ConnectionOptions LocketOptionsOf(const BbsConfig& config) {
  clients::ConnectionOptions options = clients::LocketOptions(
      config.locket, std::max<absl::Duration>(config.lock_retry_interval, absl::Seconds(1)));
  options.tls = TlsOf(config, options.tls.ca_file, options.tls.cert_file, options.tls.key_file);
  options.rounds = 1;
  return options;
}

}  // namespace diego::bbs
