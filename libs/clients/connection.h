// How a client reaches its servers. No gRPC in sight, so that users compile fast.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/rpc/tls_files.h"

namespace diego::clients {

struct ConnectionOptions {
  // host:port, at least one. Of several one serves at a time: a client stays with the one that
  // answered last and moves on when it answers UNAVAILABLE or cannot be reached. Those of a
  // BbsClient may also be "https://host:port": a BBS of the original, by its HTTP API.
  std::vector<std::string> addresses = {};
  rpc::TlsFiles tls = {};
  // The name that the servers' certificates must carry; default: the host dialled.
  std::string server_name = {};
  // Of each call, all its attempts together.
  absl::Duration timeout = absl::Seconds(10);
  // Of calls that list many records.
  absl::Duration list_timeout = absl::Seconds(60);
  absl::Duration connect_timeout = absl::Seconds(2);  // to one address
  int rounds = 3;                                     // times through all addresses
  absl::Duration pause = absl::Milliseconds(500);     // between two rounds
  absl::Duration keepalive_time = absl::Seconds(10);
  absl::Duration keepalive_timeout = absl::Seconds(22);
  // Where a BbsClient says which BBS answers it, and how: a line "served-by-bbs" at every change.
  log::Logger log = log::Logger::Discard();
};

}  // namespace diego::clients
