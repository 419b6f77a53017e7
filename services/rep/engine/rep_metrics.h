// What the rep counts. Thread-safe.
// Source: reference/config-and-metrics.md "Metrics", component Rep.
#pragma once

#include "absl/time/time.h"
#include "libs/metrics/metrics.h"
#include "libs/models/resources.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/reconcile.h"

namespace diego::rep {

enum class CellCall {
  kState,
  kWork,
  kStopLrp,
  kUpdateLrp,
  kCancelTask,
  kMetrics,
  kLogs,
  kEvacuate
};

class RepMetrics {
 public:
  explicit RepMetrics(metrics::Registry& registry);

  void Capacity(const Resources& total, const Resources& remaining, size_t containers,
                int starting);
  void BulkPassed(absl::Duration took);
  void Acted(LrpAction action);
  void Acted(TaskAction action);
  void StepFailed();
  void WorkTaken(size_t accepted, size_t rejected);
  void Called(CellCall call);
  // A check of a running instance failed.
  void LivenessCheckFailed(HealthCheck::Kind kind);
  // Evacuating instances that were cut off before a replacement ran.
  void Stranded(size_t count);

 private:
  metrics::Labelled<metrics::Gauge> total_;
  metrics::Labelled<metrics::Gauge> remaining_;
  metrics::Gauge containers_;
  metrics::Gauge starting_;
  metrics::Histogram bulk_duration_;
  metrics::Labelled<metrics::Counter> lrp_actions_;
  metrics::Labelled<metrics::Counter> task_actions_;
  metrics::Counter failed_steps_;
  metrics::Labelled<metrics::Counter> work_;
  metrics::Labelled<metrics::Counter> calls_;
  metrics::Labelled<metrics::Counter> liveness_failed_;
  metrics::Gauge stranded_;
};

}  // namespace diego::rep
