// The route-emitter's start-up order:
//   1. metrics on their own port
//   2. clients of the BBS and of Locket: they connect when first used
//   3. health: plain HTTP, which says 200 from here on, to a standby's monitor too; gRPC, where it
//      is asked for, NOT_SERVING
//   4. global mode: the lock is sought, and everything below waits for it
//   5. NATS: routers are listened to and greeted
//   6. the table: a snapshot, then events; gRPC turns SERVING when it has been read whole
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

  // The ports that were bound; of gRPC 0 when it is not served.
  int health_port() const;
  int grpc_port() const;
  int metrics_port() const;

 private:
  struct Parts;
  explicit RouteEmitterServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::route_emitter
