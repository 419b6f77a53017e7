#include "services/bbs/metrics.h"

#include <string>
#include <vector>

namespace diego::bbs {
namespace {

std::vector<std::string> CallNames() {
  std::vector<std::string> names;
  for (int i = 0; i < static_cast<int>(BbsCall::kCount); ++i) {
    names.emplace_back(CallName(static_cast<BbsCall>(i)));
  }
  return names;
}

enum class CellCallEnding { kFailed, kOk, kDropped };

}  // namespace

BbsMetrics::BbsMetrics(metrics::Registry& registry)
    : calls_(registry.AddCounters("calls_total", "Calls answered.", "call", CallNames())),
      refused_calls_(registry.AddCounters("refused_calls_total", "Calls answered with an error.",
                                          "call", CallNames())),
      repeated_calls_(registry.AddCounters("repeated_calls_total",
                                           "Calls answered from memory, by their request id.",
                                           "call", CallNames())),
      call_seconds_(registry.AddHistograms("call_seconds", "Time from request to answer.", "call",
                                           CallNames())),
      batches_(registry.AddCounter("committed_batches_total", "Transactions committed.")),
      changes_(registry.AddCounter("committed_changes_total", "Row changes committed.")),
      batch_calls_(registry.AddHistogram("batch_calls_count", "Calls in a committed batch.",
                                         metrics::SizeBuckets())),
      commit_seconds_(registry.AddHistogram("commit_seconds", "Time of one transaction.")),
      unsure_commits_(
          registry.AddCounter("unsure_commits_total", "Answers of the database that never came.")),
      cut_off_(registry.AddCounter("cut_off_subscribers_total",
                                   "Subscribers that fell too far behind.")),
      convergence_seconds_(
          registry.AddHistogram("convergence_seconds", "Time of one convergence pass.")),
      auctions_sent_(
          registry.AddCounter("sent_auctions_total", "Requests handed to the auctioneer.")),
      auctions_dropped_(
          registry.AddCounter("dropped_auctions_total", "Requests left to convergence.")),
      cell_calls_(registry.AddCounters("cell_calls_total", "Calls to cells.", "ending",
                                       {"failed", "ok", "dropped"})),
      callbacks_(registry.AddCounters("task_callbacks_total", "Task callbacks.", "ending",
                                      {"failed", "delivered"})),
      terms_(registry.AddCounter("terms_total", "Times that this BBS became the active one.")),
      active_(registry.AddGauge("active_state", "1 while this BBS is the active one.")),
      waiting_calls_(registry.AddGauge("waiting_calls_count", "Calls that wait to be run.")),
      subscribers_(registry.AddGauge("subscribers_count", "Subscribers of events.")) {}

void BbsMetrics::CallEnded(BbsCall call, const absl::Status& status, absl::Duration took) {
  calls_[call].Increment();
  if (!status.ok()) refused_calls_[call].Increment();
  call_seconds_[call].Observe(took);
}

void BbsMetrics::CallRepeated(BbsCall call) { repeated_calls_[call].Increment(); }

void BbsMetrics::BatchCommitted(size_t calls, size_t changes, absl::Duration took) {
  batches_.Increment();
  changes_.Increment(static_cast<double>(changes));
  batch_calls_.Observe(static_cast<double>(calls));
  commit_seconds_.Observe(took);
}

void BbsMetrics::CommitUnsure() { unsure_commits_.Increment(); }
void BbsMetrics::SubscriberCutOff() { cut_off_.Increment(); }
void BbsMetrics::ConvergencePassed(absl::Duration took) { convergence_seconds_.Observe(took); }
void BbsMetrics::AuctionsSent(size_t count) {
  auctions_sent_.Increment(static_cast<double>(count));
}
void BbsMetrics::AuctionsDropped(size_t count) {
  auctions_dropped_.Increment(static_cast<double>(count));
}
void BbsMetrics::CellCallEnded(bool ok) {
  cell_calls_[ok ? CellCallEnding::kOk : CellCallEnding::kFailed].Increment();
}
void BbsMetrics::CellCallDropped() { cell_calls_[CellCallEnding::kDropped].Increment(); }
void BbsMetrics::CallbackEnded(bool delivered) { callbacks_[delivered ? 1 : 0].Increment(); }

void BbsMetrics::TermStarted() {
  terms_.Increment();
  active_.Set(1);
}
void BbsMetrics::TermEnded() { active_.Set(0); }
void BbsMetrics::Watched(size_t waiting_calls, size_t subscribers) {
  waiting_calls_.Set(static_cast<double>(waiting_calls));
  subscribers_.Set(static_cast<double>(subscribers));
}

}  // namespace diego::bbs
