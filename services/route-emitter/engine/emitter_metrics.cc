#include "services/route-emitter/engine/emitter_metrics.h"

namespace diego::route_emitter {

EmitterMetrics::EmitterMetrics(metrics::Registry& registry)
    : routes_(registry.AddGauge("routes_count", "HTTP hostname and endpoint pairs in the table")),
      synced_(registry.AddCounter("routes_synced_total", "names told because of a resync")),
      registered_(registry.AddCounter("routes_registered_total", "names registered by changes")),
      unregistered_(
          registry.AddCounter("routes_unregistered_total", "names unregistered by changes")),
      http_messages_(registry.AddCounter("http_messages_emitted_total", "messages to routers")),
      internal_messages_(
          registry.AddCounter("internal_messages_emitted_total", "messages to service discovery")),
      collisions_(registry.AddCounter("address_collisions_total",
                                      "pairs of instances seen at one address")),
      failed_syncs_(registry.AddCounter("syncs_failed_total", "resyncs that read nothing")),
      failed_publishes_(
          registry.AddCounter("publishes_failed_total", "groups of messages NATS did not take")),
      sync_duration_(registry.AddHistogram("sync_duration_seconds", "time a resync takes")) {}

void EmitterMetrics::Synced(absl::Duration took, size_t registered_names) {
  sync_duration_.Observe(took);
  synced_.Increment(static_cast<double>(registered_names));
}
void EmitterMetrics::SyncFailed() { failed_syncs_.Increment(); }
void EmitterMetrics::Changed(const Messages& messages) {
  registered_.Increment(static_cast<double>(messages.registrations.size()));
  unregistered_.Increment(static_cast<double>(messages.unregistrations.size()));
}
void EmitterMetrics::Emitted(size_t http_routes) { routes_.Set(static_cast<double>(http_routes)); }
void EmitterMetrics::Published(const Messages& messages) {
  http_messages_.Increment(
      static_cast<double>(messages.registrations.size() + messages.unregistrations.size()));
  internal_messages_.Increment(static_cast<double>(messages.internal_registrations.size() +
                                                   messages.internal_unregistrations.size()));
}
void EmitterMetrics::PublishFailed() { failed_publishes_.Increment(); }
void EmitterMetrics::Collided() { collisions_.Increment(); }

}  // namespace diego::route_emitter
