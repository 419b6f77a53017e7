// What Locket tells its operators. Source: reference/config-and-metrics.md "Metrics" (Locket).
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/metrics/metrics.h"
#include "services/locket/core/lease.h"

namespace diego::locket {

enum class Call { kLock, kRelease, kFetch, kFetchAll };

// Thread-safe.
class LocketMetrics {
 public:
  explicit LocketMetrics(metrics::Registry& registry);

  void RequestStarted(Call call);
  void RequestEnded(Call call, const absl::Status& status, absl::Duration took);
  // One transaction for `requests` requests.
  void GroupCommitted(size_t requests, absl::Duration took);
  void GroupFailed();
  void Expired(LeaseType type);
  // Leases held, as the last scan found them.
  void Counted(size_t locks, size_t presences);

 private:
  metrics::Labelled<metrics::Counter> started_;
  metrics::Labelled<metrics::Counter> succeeded_;
  metrics::Labelled<metrics::Counter> failed_;
  metrics::Labelled<metrics::Counter> cancelled_;
  metrics::Labelled<metrics::Gauge> in_flight_;
  metrics::Labelled<metrics::Histogram> latency_;
  metrics::Histogram group_size_;
  metrics::Histogram group_duration_;
  metrics::Counter groups_failed_;
  metrics::Counter locks_expired_;
  metrics::Counter presences_expired_;
  metrics::Gauge active_locks_;
  metrics::Gauge active_presences_;
};

}  // namespace diego::locket
