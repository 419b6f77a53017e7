// What the auctioneer tells its operators.
// Source: reference/config-and-metrics.md "Metrics" (Auctioneer).
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/metrics/metrics.h"

namespace diego::auctioneer {

// Thread-safe.
class AuctioneerMetrics {
 public:
  explicit AuctioneerMetrics(metrics::Registry& registry);

  void RequestAnswered(const absl::Status& status, absl::Duration took);
  void StatesFetched(absl::Duration took, size_t failed);
  // One round's decision: `started` were placed, `failed` were not.
  void Scheduled(absl::Duration took, size_t lrps_started, size_t lrps_failed, size_t tasks_started,
                 size_t tasks_failed);
  void HandedBack(size_t count);
  void DeliveryFailed();
  void ReportsDropped(size_t count);
  void LockHeld(bool held);

 private:
  metrics::Counter requests_;
  metrics::Counter requests_refused_;
  metrics::Histogram request_latency_;
  metrics::Histogram fetch_states_;
  metrics::Counter failed_state_requests_;
  metrics::Histogram schedule_;
  metrics::Counter lrps_started_;
  metrics::Counter lrps_failed_;
  metrics::Counter tasks_started_;
  metrics::Counter tasks_failed_;
  metrics::Counter handed_back_;
  metrics::Counter failed_deliveries_;
  metrics::Counter dropped_reports_;
  metrics::Gauge lock_held_;
};

}  // namespace diego::auctioneer
