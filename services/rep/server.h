// The rep's start-up order:
//   1. metrics on their own port
//   2. the machine: what a killed predecessor left of containers, networks and rules is removed
//   3. the executor, and the loops that reconcile containers with records
//   4. gRPC, NOT_SERVING, and HTTP; their ports go into the presence
//   5. the presence at Locket, tried for as long as it takes; then health turns SERVING
// Shutting down: no work is taken, containers are stopped and their records removed, as long as
// that takes no longer than the grace interval and a little; then the presence goes, whatever is
// left is destroyed, and nothing stays on the machine.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/rep/config.h"

namespace diego::rep {

class RepServer {
 public:
  // `end(exit_code)`: an evacuation is over, and the process is to end; 0 when everything has
  // moved, 1 when the timeout cut something off. Called once at most, on a thread of its own.
  static absl::StatusOr<std::unique_ptr<RepServer>> Start(const RepConfig& config,
                                                          const log::Logger& log,
                                                          std::function<void(int)> end);
  // Shuts down as above.
  ~RepServer();
  RepServer(const RepServer&) = delete;
  RepServer& operator=(const RepServer&) = delete;

  // The ports that were bound.
  int port() const;
  int metrics_port() const;

 private:
  struct Parts;
  explicit RepServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::rep
