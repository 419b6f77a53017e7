// The BBS's configuration. Source: reference/config-and-metrics.md "BBS".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"
#include "libs/sql/configured.h"

namespace diego::bbs {

struct BbsConfig {
  std::string uuid;
  config::Address grpc_listen_address{"0.0.0.0", 8892};
  config::Address listen_address{"0.0.0.0", 8889};    // HTTP over TLS
  config::Address plain_listen_address;               // ours: HTTP without; empty = none
  config::Address health_address{"127.0.0.1", 8890};  // plain HTTP, any path
  std::string access_log_path;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  // One of the two: the original's HTTP and JSON, or gRPC, which is taken when both are given.
  std::vector<config::Address> auctioneer_address;
  std::vector<config::Address> auctioneer_grpc_address;  // ours
  std::string auctioneer_ca_cert;
  std::string auctioneer_client_cert;
  std::string auctioneer_client_key;
  std::string rep_ca_cert;
  std::string rep_client_cert;
  std::string rep_client_key;
  absl::Duration communication_timeout = absl::Seconds(10);
  config::LocketConfig locket;
  absl::Duration lock_ttl = absl::Seconds(15);
  absl::Duration lock_retry_interval = absl::Seconds(5);

  sql::DatabaseConfig database;
  std::string active_key_label;
  std::map<std::string, std::string> encryption_keys;

  absl::Duration converge_repeat_interval = absl::Seconds(30);
  absl::Duration kick_task_duration = absl::Seconds(30);
  absl::Duration expire_pending_task_duration = absl::Seconds(1800);
  absl::Duration expire_completed_task_duration = absl::Seconds(120);
  int32_t max_task_retries = 3;
  int32_t task_callback_workers = 1000;

  absl::Duration database_confirmation_good_for = absl::Seconds(3);
  int32_t max_queued_calls = 16384;
  absl::Duration remember_calls_for = absl::Minutes(5);
  int32_t max_remembered_calls = 200000;
  int32_t max_subscriber_lag = 65536;
  absl::Duration subscriber_beat = absl::Seconds(10);
  int32_t max_message_bytes = 64 << 20;
  absl::Duration cell_poll_interval = absl::Seconds(1);
  double cell_loss_share = 0.4;
  int32_t cell_loss_least_cells = 3;
  absl::Duration cell_loss_window = absl::Minutes(1);

  config::PeerConfig peers;
  config::LoggingConfig logging;
};

config::Table<BbsConfig> BbsConfigTable();

}  // namespace diego::bbs
