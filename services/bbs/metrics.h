// BbsMetrics: the BBS in numbers, with a verb for each thing that happens.
#pragma once

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

  void BatchCommitted(size_t calls, size_t changes, absl::Duration took) override;
  void CommitUnsure() override;
  void SubscriberCutOff() override;
  void ConvergencePassed(absl::Duration took) override;

  void AuctionsSent(size_t count) override;
  void AuctionsDropped(size_t count) override;
  void CellCallEnded(bool ok) override;
  void CellCallDropped() override;
  void CallbackEnded(bool delivered) override;

  void TermStarted();
  void TermEnded();
  void Watched(size_t waiting_calls, size_t subscribers);

 private:
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
  metrics::Counter auctions_sent_;
  metrics::Counter auctions_dropped_;
  metrics::Labelled<metrics::Counter> cell_calls_;
  metrics::Labelled<metrics::Counter> callbacks_;
  metrics::Counter terms_;
  metrics::Gauge active_;
  metrics::Gauge waiting_calls_;
  metrics::Gauge subscribers_;
};

}  // namespace diego::bbs
