#include "libs/clients/configured.h"

namespace diego::clients {

ConnectionOptions LocketOptions(const config::LocketConfig& config, absl::Duration timeout) {
  ConnectionOptions options;
  options.addresses = config::AddressStrings(config.addresses);
  options.tls = {config.ca_cert_file, config.client_cert_file, config.client_key_file};
  options.timeout = timeout;
  options.keepalive_time = absl::Seconds(config.keepalive_time_seconds);
  options.keepalive_timeout = absl::Seconds(config.keepalive_timeout_seconds);
  return options;
}

ConnectionOptions BbsOptions(const config::BbsAddressConfig& config, const rpc::TlsFiles& tls,
                             absl::Duration timeout, const log::Logger& log) {
  ConnectionOptions options;
  options.addresses = config::BbsAddresses(config);
  options.tls = tls;
  options.timeout = timeout;
  options.log = log;
  return options;
}

}  // namespace diego::clients
