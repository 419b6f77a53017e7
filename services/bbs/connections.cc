#include "services/bbs/connections.h"

#include <algorithm>

#include "libs/clients/configured.h"
#include "libs/sql/configured.h"

namespace diego::bbs {

sql::DatabaseOptions DatabaseOptionsOf(const BbsConfig& config) {
  // Everybody waits behind the transaction that is tried again: soon, or not at all.
  return sql::OptionsOf(config.database, absl::Milliseconds(50));
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
