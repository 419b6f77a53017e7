#include "services/bbs/metrics.h"

#include <string>
#include <variant>
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

// What a convergence pass saw, by the names of reference/config-and-metrics.md.
struct CountGauge {
  int64_t ConvergenceCounts::*field;
  const char* name;
  const char* help;
};
using Counts = ConvergenceCounts;
constexpr CountGauge kCountGauges[] = {
    {&Counts::lrps_desired, "lrps_desired_count", "Instances that are desired."},
    {&Counts::lrps_unclaimed, "lrps_unclaimed_count", "Instances that wait for a cell."},
    {&Counts::lrps_claimed, "lrps_claimed_count", "Instances that a cell is starting."},
    {&Counts::lrps_running, "lrps_running_count", "Instances that run."},
    {&Counts::lrps_crashed, "crashed_actual_lrps_count", "Instances that crashed and wait."},
    {&Counts::crashing_desired_lrps, "crashing_desired_lrps_count",
     "Desired LRPs with a crashed instance."},
    {&Counts::lrps_missing, "lrps_missing_count", "Desired instances without a record."},
    {&Counts::lrps_extra, "lrps_extra_count", "Instances that nobody desires."},
    {&Counts::suspect_running, "suspect_running_actual_lrps_count",
     "Running instances of absent cells."},
    {&Counts::suspect_claimed, "suspect_claimed_actual_lrps_count",
     "Claimed instances of absent cells."},
    {&Counts::suspect_cells, "suspect_cells_count", "Absent cells that hold instances."},
    {&Counts::tasks_pending, "tasks_pending_count", "Tasks that wait for a cell."},
    {&Counts::tasks_running, "tasks_running_count", "Tasks that run."},
    {&Counts::tasks_completed, "tasks_completed_count", "Tasks that ended and are not resolved."},
    {&Counts::tasks_resolving, "tasks_resolving_count", "Tasks whose end is being told."},
    {&Counts::fresh_domains, "fresh_domains_count", "Domains that are fresh."},
};

std::vector<metrics::Gauge> AddCountGauges(metrics::Registry& registry) {
  std::vector<metrics::Gauge> gauges;
  for (const CountGauge& gauge : kCountGauges) {
    gauges.push_back(registry.AddGauge(gauge.name, gauge.help));
  }
  return gauges;
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
      convergence_slice_seconds_(
          registry.AddHistogram("convergence_slice_seconds",
                                "How long one slice of convergence held other commands up.")),
      convergence_counts_(AddCountGauges(registry)),
      started_tasks_(registry.AddCounter("tasks_started_total", "Tasks that a cell began to run.")),
      succeeded_tasks_(registry.AddCounter("tasks_succeeded_total", "Tasks that ended well.")),
      failed_tasks_(registry.AddCounter("tasks_failed_total",
                                        "Tasks that failed, were cancelled or found no place.")),
      pruned_tasks_(registry.AddCounter("convergence_tasks_pruned_total",
                                        "Completed tasks deleted as nobody did.")),
      kicked_tasks_(
          registry.AddCounter("convergence_tasks_kicked_total", "Pending tasks auctioned again.")),
      stranded_(registry.AddCounter(
          "stranded_evacuating_actual_lrps_total",
          "Evacuating instances removed with their cell before they were replaced.")),
      auctions_sent_(
          registry.AddCounter("sent_auctions_total", "Requests handed to the auctioneer.")),
      auctions_dropped_(
          registry.AddCounter("dropped_auctions_total", "Requests left to convergence.")),
      cell_calls_(registry.AddCounters("cell_calls_total", "Calls to cells.", "ending",
                                       {"failed", "ok", "dropped"})),
      callbacks_(registry.AddCounters("task_callbacks_total", "Task callbacks.", "ending",
                                      {"failed", "delivered"})),
      present_cells_(registry.AddGauge("present_cells_count", "Cells that are present.")),
      held_cells_(
          registry.AddGauge("held_cells_count", "Missing cells that do not count as lost.")),
      losses_held_(
          registry.AddGauge("cell_losses_held_state", "1 while no loss of a cell is acted on.")),
      migration_steps_(registry.AddGauge(
          "migration_steps_left_count", "Steps that a migration of the database still has to do.")),
      prepare_seconds_(registry.AddGauge(
          "prepare_seconds", "Time that readying the database took last, migrations included.")),
      encryption_state_(registry.AddGauge(
          "encryption_state", "1 while stored payloads are brought under the active key.")),
      encryption_rows_left_(
          registry.AddGauge("encryption_rows_left_count", "Rows that it still has to look at.")),
      encrypted_rows_(
          registry.AddGauge("encrypted_rows_count", "Rows that it has sealed anew so far.")),
      encryption_unreadable_rows_(
          registry.AddGauge("encryption_unreadable_rows_count",
                            "Rows that it left as they were: no key opens them.")),
      encryption_seconds_(
          registry.AddGauge("encryption_seconds", "Time that it has taken so far, or took last.")),
      quarantined_rows_(registry.AddGauge("quarantined_rows_count",
                                          "Stored rows that could not be read when last loaded.")),
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

void BbsMetrics::BatchCommitted(size_t calls, const Changes& changes, absl::Duration took) {
  batches_.Increment();
  changes_.Increment(static_cast<double>(changes.size()));
  batch_calls_.Observe(static_cast<double>(calls));
  commit_seconds_.Observe(took);
  for (const Change& change : changes) {
    if (const auto* task = std::get_if<TaskChange>(&change)) TaskChanged(*task);
  }
}

void BbsMetrics::TaskChanged(const TaskChange& change) {
  if (change.before == nullptr || change.after == nullptr) return;
  const TaskState before = change.before->state;
  const TaskState now = change.after->state;
  if (before == TaskState::kPending && now == TaskState::kRunning) started_tasks_.Increment();
  // Not from RESOLVING: convergence takes a task back whose callback was lost.
  const bool was_open = before == TaskState::kPending || before == TaskState::kRunning;
  if (was_open && now == TaskState::kCompleted) {
    (change.after->failed ? failed_tasks_ : succeeded_tasks_).Increment();
  }
}

void BbsMetrics::CommitUnsure() { unsure_commits_.Increment(); }
void BbsMetrics::SubscriberCutOff() { cut_off_.Increment(); }
void BbsMetrics::ConvergenceSliced(absl::Duration took) {
  convergence_slice_seconds_.Observe(took);
}
void BbsMetrics::ConvergencePassed(absl::Duration took, const ConvergenceCounts& counts) {
  convergence_seconds_.Observe(took);
  for (size_t i = 0; i < convergence_counts_.size(); ++i) {
    convergence_counts_[i].Set(static_cast<double>(counts.*kCountGauges[i].field));
  }
  pruned_tasks_.Increment(static_cast<double>(counts.tasks_pruned));
  kicked_tasks_.Increment(static_cast<double>(counts.tasks_kicked));
}
void BbsMetrics::EvacuationsStranded(size_t count) {
  stranded_.Increment(static_cast<double>(count));
}
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
void BbsMetrics::CellsSeen(size_t present, size_t missing, bool losses_held) {
  present_cells_.Set(static_cast<double>(present));
  held_cells_.Set(static_cast<double>(missing));
  losses_held_.Set(losses_held ? 1 : 0);
}

void BbsMetrics::Migrating(size_t steps_left) {
  migration_steps_.Set(static_cast<double>(steps_left));
}
void BbsMetrics::Prepared(absl::Duration took) {
  migration_steps_.Set(0);
  prepare_seconds_.Set(absl::ToDoubleSeconds(took));
}

void BbsMetrics::Resealing(bool running, int64_t left, int64_t resealed, int64_t unreadable,
                           absl::Duration took) {
  encryption_state_.Set(running ? 1 : 0);
  encryption_rows_left_.Set(static_cast<double>(running ? left : 0));
  encrypted_rows_.Set(static_cast<double>(resealed));
  encryption_unreadable_rows_.Set(static_cast<double>(unreadable));
  encryption_seconds_.Set(absl::ToDoubleSeconds(took));
}

void BbsMetrics::Quarantined(size_t rows) { quarantined_rows_.Set(static_cast<double>(rows)); }

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
