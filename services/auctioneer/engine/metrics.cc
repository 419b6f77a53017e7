#include "services/auctioneer/engine/metrics.h"

namespace diego::auctioneer {

AuctioneerMetrics::AuctioneerMetrics(metrics::Registry& registry)
    : requests_(registry.AddCounter("requests_total", "Calls answered.")),
      requests_refused_(registry.AddCounter("requests_refused_total", "Calls not accepted.")),
      request_latency_(registry.AddHistogram("request_latency_seconds", "From call to answer.")),
      fetch_states_(registry.AddHistogram("fetch_states_duration_seconds",
                                          "Asking all cells for their state, once.")),
      failed_state_requests_(registry.AddCounter("failed_cell_state_requests_total",
                                                 "Cells that did not tell their state.")),
      schedule_(registry.AddHistogram("schedule_duration_seconds", "Deciding one round.")),
      lrps_started_(registry.AddCounter("lrp_auctions_started_total", "LRP instances placed.")),
      lrps_failed_(registry.AddCounter("lrp_auctions_failed_total", "LRP instances not placed.")),
      tasks_started_(registry.AddCounter("task_auctions_started_total", "Tasks placed.")),
      tasks_failed_(registry.AddCounter("task_auctions_failed_total", "Tasks not placed.")),
      handed_back_(registry.AddCounter("work_handed_back_total", "Work that cells did not take.")),
      failed_deliveries_(registry.AddCounter("failed_deliveries_total",
                                             "Calls that handed work to a cell and failed.")),
      dropped_reports_(registry.AddCounter("dropped_reports_total",
                                           "Failures that were not reported to the BBS.")),
      lock_held_(
          registry.AddGauge("lock_held_state", "1 while this auctioneer is the active one.")) {}

void AuctioneerMetrics::RequestAnswered(const absl::Status& status, absl::Duration took) {
  requests_.Increment();
  if (!status.ok()) requests_refused_.Increment();
  request_latency_.Observe(took);
}

void AuctioneerMetrics::StatesFetched(absl::Duration took, size_t failed) {
  fetch_states_.Observe(took);
  failed_state_requests_.Increment(static_cast<double>(failed));
}

void AuctioneerMetrics::Scheduled(absl::Duration took, size_t lrps_started, size_t lrps_failed,
                                  size_t tasks_started, size_t tasks_failed) {
  schedule_.Observe(took);
  lrps_started_.Increment(static_cast<double>(lrps_started));
  lrps_failed_.Increment(static_cast<double>(lrps_failed));
  tasks_started_.Increment(static_cast<double>(tasks_started));
  tasks_failed_.Increment(static_cast<double>(tasks_failed));
}

void AuctioneerMetrics::HandedBack(size_t count) {
  handed_back_.Increment(static_cast<double>(count));
}
void AuctioneerMetrics::DeliveryFailed() { failed_deliveries_.Increment(); }
void AuctioneerMetrics::ReportsDropped(size_t count) {
  dropped_reports_.Increment(static_cast<double>(count));
}
void AuctioneerMetrics::LockHeld(bool held) { lock_held_.Set(held ? 1 : 0); }

}  // namespace diego::auctioneer
