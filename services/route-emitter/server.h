// The route-emitter's start-up order:
//   1. metrics on their own port; gRPC health, NOT_SERVING
//   2. clients of the BBS and of Locket: they connect when first used
//   3. global mode: the lock is sought, and everything below waits for it
//   4. NATS: routers are listened to and greeted
//   5. the table: a snapshot, then events; health turns SERVING when it has been read whole
// A lost lock ends the process; so do 30 greetings without an answer.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/route-emitter/config.h"

namespace diego::route_emitter {

class RouteEmitterServer {
 public:
  // `end` is called, with an exit code, when the process cannot go on. Any thread.
  static absl::StatusOr<std::unique_ptr<RouteEmitterServer>> Start(const RouteEmitterConfig& config,
                                                                   const log::Logger& log,
                                                                   std::function<void(int)> end);
  ~RouteEmitterServer();
  RouteEmitterServer(const RouteEmitterServer&) = delete;
  RouteEmitterServer& operator=(const RouteEmitterServer&) = delete;

  // The ports that were bound.
  int health_port() const;
  int metrics_port() const;

 private:
  struct Parts;
  explicit RouteEmitterServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::route_emitter
