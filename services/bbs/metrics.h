// BbsMetrics: the BBS in numbers, with a verb for each thing that happens.
#pragma once

#include <vector>

#include "libs/metrics/metrics.h"
#include "services/bbs/api/api_metrics.h"
#include "services/bbs/effects/effects_metrics.h"
#include "services/bbs/engine/engine_metrics.h"

namespace diego::bbs {

// Thread-safe.
class BbsMetrics final : public ApiMetrics, public EngineMetrics, public EffectsMetrics {
 public:
  // `registry` outlives it.
  explicit BbsMetrics(metrics::Registry& registry);

  void CallEnded(BbsCall call, const absl::Status& status, absl::Duration took) override;
  void CallRepeated(BbsCall call) override;

  void BatchCommitted(size_t calls, const Changes& changes, absl::Duration took) override;
  void CommitUnsure() override;
  void SubscriberCutOff() override;
  void ConvergenceSliced(absl::Duration took) override;
  void ConvergencePassed(absl::Duration took, const ConvergenceCounts& counts) override;
  void EvacuationsStranded(size_t count) override;

  void AuctionsSent(size_t count) override;
  void AuctionsDropped(size_t count) override;
  void CellCallEnded(bool ok) override;
  void CellCallDropped() override;
  void CallbackEnded(bool delivered) override;
  void CellsSeen(size_t present, size_t missing, bool losses_held) override;

  void Migrating(size_t steps_left);
  // The database is ready to be loaded, or refused.
  void Prepared(absl::Duration took);
  // A change of the active key; the counts are rows.
  void Resealing(bool running, int64_t left, int64_t resealed, int64_t unreadable,
                 absl::Duration took);
  // Of the rows loaded.
  void Quarantined(size_t rows);
  void TermStarted();
  void TermEnded();
  void Watched(size_t waiting_calls, size_t subscribers);

 private:
  void TaskChanged(const TaskChange& change);

  metrics::Labelled<metrics::Counter> calls_;
  metrics::Labelled<metrics::Counter> refused_calls_;
  metrics::Labelled<metrics::Counter> repeated_calls_;
  metrics::Labelled<metrics::Histogram> call_seconds_;
  metrics::Counter batches_;
  metrics::Counter changes_;
  metrics::Histogram batch_calls_;
  metrics::Histogram commit_seconds_;
  metrics::Counter unsure_commits_;
  metrics::Counter cut_off_;
  metrics::Histogram convergence_seconds_;
  metrics::Histogram convergence_slice_seconds_;
  std::vector<metrics::Gauge> convergence_counts_;  // in the order of the table in metrics.cc
  metrics::Counter started_tasks_;
  metrics::Counter succeeded_tasks_;
  metrics::Counter failed_tasks_;
  metrics::Counter pruned_tasks_;
  metrics::Counter kicked_tasks_;
  metrics::Counter stranded_;
  metrics::Counter auctions_sent_;
  metrics::Counter auctions_dropped_;
  metrics::Labelled<metrics::Counter> cell_calls_;
  metrics::Labelled<metrics::Counter> callbacks_;
  metrics::Gauge present_cells_;
  metrics::Gauge held_cells_;
  metrics::Gauge losses_held_;
  metrics::Gauge migration_steps_;
  metrics::Gauge prepare_seconds_;
  metrics::Gauge encryption_state_;
  metrics::Gauge encryption_rows_left_;
  metrics::Gauge encrypted_rows_;
  metrics::Gauge encryption_unreadable_rows_;
  metrics::Gauge encryption_seconds_;
  metrics::Gauge quarantined_rows_;
  metrics::Counter terms_;
  metrics::Gauge active_;
  metrics::Gauge waiting_calls_;
  metrics::Gauge subscribers_;
};

}  // namespace diego::bbs
