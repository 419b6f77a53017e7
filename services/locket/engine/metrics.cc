#include "services/locket/engine/metrics.h"

#include <string>
#include <vector>

namespace diego::locket {
namespace {

std::vector<std::string> CallNames() { return {"Lock", "Release", "Fetch", "FetchAll"}; }

}  // namespace

LocketMetrics::LocketMetrics(metrics::Registry& registry)
    : started_(registry.AddCounters("requests_started_total", "Requests taken, by method.",
                                    "request_type", CallNames())),
      succeeded_(registry.AddCounters("requests_succeeded_total",
                                      "Requests answered with OK, by method.", "request_type",
                                      CallNames())),
      failed_(registry.AddCounters("requests_failed_total",
                                   "Requests refused or failed, by method.", "request_type",
                                   CallNames())),
      cancelled_(registry.AddCounters("requests_cancelled_total",
                                      "Requests whose client had gone, by method.", "request_type",
                                      CallNames())),
      in_flight_(registry.AddGauges("requests_in_flight_count", "Requests not yet answered.",
                                    "request_type", CallNames())),
      latency_(registry.AddHistograms("request_latency_seconds", "From request to answer.",
                                      "request_type", CallNames())),
      group_size_(registry.AddHistogram("group_requests_count", "Requests in one transaction.",
                                        metrics::SizeBuckets())),
      group_duration_(registry.AddHistogram("group_commit_seconds", "One transaction.")),
      groups_failed_(registry.AddCounter("group_failures_total", "Transactions that failed.")),
      locks_expired_(registry.AddCounter("locks_expired_total", "Locks whose TTL ran out.")),
      presences_expired_(
          registry.AddCounter("presences_expired_total", "Presences whose TTL ran out.")),
      active_locks_(registry.AddGauge("active_locks_count", "Locks held.")),
      active_presences_(registry.AddGauge("active_presences_count", "Presences held.")) {}

void LocketMetrics::RequestStarted(Call call) {
  started_[call].Increment();
  in_flight_[call].Add(1);
}

void LocketMetrics::RequestEnded(Call call, const absl::Status& status, absl::Duration took) {
  in_flight_[call].Add(-1);
  latency_[call].Observe(took);
  if (status.ok()) {
    succeeded_[call].Increment();
  } else if (absl::IsCancelled(status)) {
    cancelled_[call].Increment();
  } else {
    failed_[call].Increment();
  }
}

void LocketMetrics::GroupCommitted(size_t requests, absl::Duration took) {
  group_size_.Observe(static_cast<double>(requests));
  group_duration_.Observe(took);
}

void LocketMetrics::GroupFailed() { groups_failed_.Increment(); }

void LocketMetrics::Expired(LeaseType type) {
  (type == LeaseType::kPresence ? presences_expired_ : locks_expired_).Increment();
}

void LocketMetrics::Counted(size_t locks, size_t presences) {
  active_locks_.Set(static_cast<double>(locks));
  active_presences_.Set(static_cast<double>(presences));
}

}  // namespace diego::locket
