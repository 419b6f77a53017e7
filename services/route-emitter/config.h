// The route-emitter's configuration. Source: reference/config-and-metrics.md "Route-emitter".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"

namespace diego::route_emitter {

struct RouteEmitterConfig {
  config::BbsAddressConfig bbs;
  std::string bbs_ca_cert_file;
  std::string bbs_client_cert_file;
  std::string bbs_client_key_file;
  absl::Duration communication_timeout = absl::Seconds(30);

  std::string cell_id;  // set: local mode
  std::string uuid;     // required in global mode
  absl::Duration lock_ttl = absl::Seconds(15);
  absl::Duration lock_retry_interval = absl::Seconds(1);
  bool register_direct_instance_routes = false;
  bool enable_internal_emitter = false;
  config::Address healthcheck_address{"127.0.0.1", 17011};  // plain HTTP, any path
  config::Address grpc_listen_address;                      // ours: grpc.health.v1; empty = none
  absl::Duration sync_interval = absl::Seconds(60);
  double jitter_factor = 0.2;

  std::vector<config::Address> nats_addresses{{"127.0.0.1", 4222}};
  std::string nats_username;
  std::string nats_password;
  bool nats_tls_enabled = false;
  std::string nats_ca_cert_file;
  std::string nats_client_cert_file;
  std::string nats_client_key_file;

  absl::Duration unregistration_interval = absl::Seconds(30);
  int32_t unregistration_send_count = 20;

  config::LocketConfig locket;
  config::LoggingConfig logging;
};

config::Table<RouteEmitterConfig> RouteEmitterConfigTable();

}  // namespace diego::route_emitter
