// RouteState: the table, what is still to be said about it, and the one order in which it is said.
//
// The table changes on one thread and is emitted from another. Both put their messages into one
// outbox under one lock, so that a registration of the periodic emission never overtakes an
// unregistration that came after it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "libs/sync/guarded.h"
#include "services/route-emitter/core/routing_table.h"
#include "services/route-emitter/core/unregistration_cache.h"
#include "services/route-emitter/engine/router_bus.h"

namespace diego::route_emitter {

struct RouteStateOptions {
  TableOptions table;
  int unregistration_send_count = 20;
  size_t unregistration_capacity = 1000000;
  // Groups of messages waiting to be published. Past it they are dropped: the next emission says
  // what is registered, and the unregistration cache says what is not.
  size_t outbox_capacity = 10000;
};

// Thread-safe.
class RouteState {
 public:
  explicit RouteState(const RouteStateOptions& options);

  // Runs `update` on the table and queues its messages.
  TableUpdate Update(const std::function<TableUpdate(RoutingTable&)>& update);
  bool Knows(const ProcessGuid& process_guid) const;

  // Queues registrations of everything for one kind of routers; returns how many.
  size_t QueueAll(RouterKind kind);
  // Queues the unregistrations that are due again.
  void QueueUnregistrations();

  // The next group to publish; nothing when none came within `timeout`.
  std::optional<Messages> Pop(absl::Duration timeout);
  // How many groups were dropped since the last call.
  size_t TakeDropped();

 private:
  struct Data {
    explicit Data(const RouteStateOptions& options);
    RoutingTable table;
    UnregistrationCache unregistrations;
    std::deque<Messages> outbox;
    size_t dropped = 0;
  };
  void Queue(Data& data, Messages messages) const;

  const size_t outbox_capacity_;
  Guarded<Data> data_;
};

}  // namespace diego::route_emitter
