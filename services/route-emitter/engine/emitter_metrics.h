// What the route-emitter counts. Thread-safe.
// Source: reference/route-emitter.md, table of metrics.
#pragma once

#include "absl/time/time.h"
#include "libs/metrics/metrics.h"
#include "services/route-emitter/core/route_message.h"

namespace diego::route_emitter {

class EmitterMetrics {
 public:
  explicit EmitterMetrics(metrics::Registry& registry);

  void Synced(absl::Duration took, size_t registered_names);
  void SyncFailed();
  void Changed(const Messages& messages);
  void Emitted(size_t http_routes);
  void Published(const Messages& messages);
  void PublishFailed();
  void Collided();

 private:
  metrics::Gauge routes_;
  metrics::Counter synced_;
  metrics::Counter registered_;
  metrics::Counter unregistered_;
  metrics::Counter http_messages_;
  metrics::Counter internal_messages_;
  metrics::Counter collisions_;
  metrics::Counter failed_syncs_;
  metrics::Counter failed_publishes_;
  metrics::Histogram sync_duration_;
};

}  // namespace diego::route_emitter
