// Keys that several services share. Source: reference/config-and-metrics.md "Shared blocks".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/table.h"
#include "libs/log/file_sink.h"
#include "libs/log/log.h"

namespace diego::config {

// log_level, time_format, max_data_string_length, redact_secrets, redact_patterns, metrics_address.
struct LoggingConfig {
  std::string log_level = "info";          // debug, info, error, fatal
  std::string time_format = "unix-epoch";  // or rfc3339
  int32_t max_data_string_length = 640;    // 0 = never cut
  bool redact_secrets = false;
  std::vector<std::string> redact_patterns;
  Address metrics_address{"127.0.0.1", 0};  // ours: Prometheus text; port 0 = any free one
};
Table<LoggingConfig> LoggingTable();
// Options for a logger of `component`; its lines end up in `sink`.
log::Options LogOptions(const LoggingConfig& config, absl::string_view component,
                        std::function<void(absl::string_view)> sink = log::StdoutSink());

// peers_without_role, of every service that others call. Ours.
struct PeerConfig {
  std::string without_role = "auto";  // auto, trust or refuse; see libs/rpc/identity.h PeerRules
};
Table<PeerConfig> PeerTable();

// bbs_address and bbs_grpc_address, of every service that calls the BBS.
struct BbsAddressConfig {
  std::vector<Address> bbs_address{{"bbs.service.cf.internal", 8892}};
  std::vector<Address> bbs_grpc_address;  // ours
};
Table<BbsAddressConfig> BbsAddressTable();
// Where to look for a BBS, in this order: bbs_grpc_address; else bbs_address. "host:port" is for
// gRPC, "https://host:port" for the HTTP of the original, which writes the URL of that port: of
// such a URL gRPC is looked for on the host's port 8892, and first on its own unless that is 8889.
std::vector<std::string> BbsAddresses(const BbsAddressConfig& config);

// locket_address and the identity for it.
struct LocketConfig {
  std::vector<Address> addresses{{"locket.service.cf.internal", 8891}};  // one or more
  std::string ca_cert_file;
  std::string client_cert_file;
  std::string client_key_file;
  int32_t keepalive_time_seconds = 10;
  int32_t keepalive_timeout_seconds = 22;
};
// Whether a component can do without Locket (a route-emitter of one cell).
enum class Presence { kRequired, kOptional };
Table<LocketConfig> LocketTable(Presence presence = Presence::kRequired);

// What is taken for a timeout of zero, which in the original is none: nobody waits for ever here.
inline constexpr double kNoTimeoutSeconds = 600;

// A lock or presence that is renewed no sooner than it ends would be lost each time: it is renewed
// every third of its time then (libs/leadership), of which this puts a notice on `faults`.
void NoteLockTimes(absl::Duration ttl, absl::Duration retry_interval, Faults& faults);

// What every component of the original knows and none of ours needs: debug_address, loggregator.
std::vector<std::string> CommonIgnoredKeys();

}  // namespace diego::config
