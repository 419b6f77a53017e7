// Locket's start-up order:
//   1. metrics on their own port
//   2. the database: its tables are created if missing; without it Locket does not start
//   3. engine and reader, each with its thread
//   4. expiry: its first step scans all rows, so that every lease found gets a whole TTL from now
//   5. gRPC; health turns SERVING
// Shutting down goes the other way: no new calls, waiting ones are answered, then the threads end.
// Leases stay in the database: clients keep what they hold through a restart.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/locket/config.h"

namespace diego::locket {

class LocketServer {
 public:
  // `end` is called, with an exit code, when the server cannot go on (its tables are gone).
  static absl::StatusOr<std::unique_ptr<LocketServer>> Start(const LocketConfig& config,
                                                             const log::Logger& log,
                                                             std::function<void(int)> end);
  ~LocketServer();
  LocketServer(const LocketServer&) = delete;
  LocketServer& operator=(const LocketServer&) = delete;

  // The ports that were bound.
  int port() const;
  int metrics_port() const;

 private:
  struct Parts;
  explicit LocketServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::locket
