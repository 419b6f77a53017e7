// NatsBus: the real RouterBus, over a NATS connection that mends itself.
// Source: reference/route-emitter.md "NATS subjects", "NATS client".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/route-emitter/engine/router_bus.h"

namespace diego::route_emitter {

struct NatsOptions {
  std::vector<std::string> addresses;  // host:port, at least one
  std::string username;                // empty = none
  std::string password;
  bool tls = false;  // mutual TLS with the three files
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
};

// Thread-safe.
class NatsBus final : public RouterBus {
 public:
  // Returns at once, also when no server can be reached yet: it keeps trying. InvalidArgument for
  // options that can never work.
  static absl::StatusOr<std::unique_ptr<NatsBus>> Connect(const NatsOptions& options,
                                                          const log::Logger& log);
  // Waits for callbacks that are under way.
  ~NatsBus() override;

  // Subscribes to what routers of a kind say, once a kind. `on_start` runs on the library's
  // threads until this object is destroyed, and must not block.
  absl::Status Listen(RouterKind kind, std::function<void(const RouterStart&)> on_start);
  absl::Status Greet(RouterKind kind) override;
  absl::Status Publish(const Messages& messages) override;

 private:
  struct Impl;
  explicit NatsBus(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::route_emitter
