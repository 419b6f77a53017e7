// The auctioneer's configuration. Source: reference/config-and-metrics.md "Auctioneer".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"

namespace diego::auctioneer {

struct AuctioneerConfig {
  config::Address listen_address{"0.0.0.0", 9016};       // the original's HTTP and JSON
  config::Address grpc_listen_address{"0.0.0.0", 9017};  // ours: diego.Auctioneer
  std::string ca_cert_file;
  std::string server_cert_file;
  std::string server_key_file;
  std::string uuid;

  config::BbsAddressConfig bbs;
  std::string bbs_ca_cert_file;
  std::string bbs_client_cert_file;
  std::string bbs_client_key_file;

  std::string rep_ca_cert;
  std::string rep_client_cert;
  std::string rep_client_key;

  absl::Duration cell_state_timeout = absl::Seconds(10);
  absl::Duration communication_timeout = absl::Seconds(10);
  double starting_container_weight = 0.25;
  double bin_pack_first_fit_weight = 0.0;
  int32_t starting_container_count_maximum = 0;  // 0 = no limit

  absl::Duration lock_ttl = absl::Seconds(15);
  absl::Duration lock_retry_interval = absl::Seconds(1);
  config::LocketConfig locket;
  config::PeerConfig peers;
  config::LoggingConfig logging;
};

config::Table<AuctioneerConfig> AuctioneerConfigTable();

}  // namespace diego::auctioneer
