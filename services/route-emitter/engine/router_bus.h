// RouterBus: the port to the routers. Effects own the real one, over NATS.
// Source: reference/route-emitter.md "NATS subjects".
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/route-emitter/core/route_message.h"

namespace diego::route_emitter {

// The two kinds of routers: of HTTP requests from outside, and of names inside.
enum class RouterKind { kRouter, kServiceDiscovery };
// "router", "service-discovery".
absl::string_view RouterKindName(RouterKind kind);

// What a router says when it starts or is greeted.
struct RouterStart {
  absl::Duration minimum_register_interval;
  absl::Duration prune_threshold;  // zero: not said
};

// Thread-safe; no method waits for a router.
class RouterBus {
 public:
  virtual ~RouterBus() = default;
  // Asks the routers of a kind to say how they want to be told. They answer like they start.
  virtual absl::Status Greet(RouterKind kind) = 0;
  // Unregistrations first.
  virtual absl::Status Publish(const Messages& messages) = 0;
};

}  // namespace diego::route_emitter
