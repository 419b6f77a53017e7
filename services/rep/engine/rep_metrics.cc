#include "services/rep/engine/rep_metrics.h"

#include <string>
#include <vector>

namespace diego::rep {
namespace {

template <typename Action>
std::vector<std::string> ActionNames(absl::string_view (*name_of)(Action), int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.emplace_back(name_of(static_cast<Action>(i)));
  return names;
}

enum Resource { kMemory, kDisk, kContainers };
const std::vector<std::string>& ResourceNames() {
  static const std::vector<std::string> kNames = {"memory_mb", "disk_mb", "containers"};
  return kNames;
}

}  // namespace

RepMetrics::RepMetrics(metrics::Registry& registry)
    : total_(registry.AddGauges("capacity_total_count", "what the cell has", "resource",
                                ResourceNames())),
      remaining_(registry.AddGauges("capacity_remaining_count", "what is not reserved", "resource",
                                    ResourceNames())),
      containers_(registry.AddGauge("containers_count", "containers of any state")),
      starting_(registry.AddGauge("starting_containers_count", "reserved or being made")),
      bulk_duration_(registry.AddHistogram("bulk_sync_duration_seconds", "time a bulk pass takes")),
      lrp_actions_(registry.AddCounters(
          "lrp_actions_total", "what was done about LRPs", "action",
          ActionNames(LrpActionName, static_cast<int>(LrpAction::kCrash) + 1))),
      task_actions_(registry.AddCounters(
          "task_actions_total", "what was done about tasks", "action",
          ActionNames(TaskActionName, static_cast<int>(TaskAction::kCompleteMissing) + 1))),
      failed_steps_(registry.AddCounter("failed_steps_total", "steps left to the next pass")),
      work_(registry.AddCounters("work_items_total", "work handed over by the auctioneer",
                                 "outcome", {"accepted", "rejected"})),
      calls_(registry.AddCounters("requests_total", "calls of diego.Cell", "call",
                                  {"state", "work", "stop-lrp", "update-lrp", "cancel-task",
                                   "container-metrics", "logs", "evacuate"})),
      // In the order of HealthCheck::Kind.
      liveness_failed_(registry.AddCounters("liveness_checks_failed_total",
                                            "failed checks of running instances", "kind",
                                            {"tcp", "http"})),
      stranded_(registry.AddGauge("stranded_evacuating_actual_lrps_count",
                                  "evacuating instances cut off before a replacement ran")) {}

void RepMetrics::Capacity(const Resources& total, const Resources& remaining, size_t containers,
                          int starting) {
  total_[kMemory].Set(static_cast<double>(total.memory_mb));
  total_[kDisk].Set(static_cast<double>(total.disk_mb));
  total_[kContainers].Set(static_cast<double>(total.containers));
  remaining_[kMemory].Set(static_cast<double>(remaining.memory_mb));
  remaining_[kDisk].Set(static_cast<double>(remaining.disk_mb));
  remaining_[kContainers].Set(static_cast<double>(remaining.containers));
  containers_.Set(static_cast<double>(containers));
  starting_.Set(starting);
}
void RepMetrics::BulkPassed(absl::Duration took) { bulk_duration_.Observe(took); }
void RepMetrics::Acted(LrpAction action) { lrp_actions_[action].Increment(); }
void RepMetrics::Acted(TaskAction action) { task_actions_[action].Increment(); }
void RepMetrics::StepFailed() { failed_steps_.Increment(); }
void RepMetrics::WorkTaken(size_t accepted, size_t rejected) {
  work_[0].Increment(static_cast<double>(accepted));
  work_[1].Increment(static_cast<double>(rejected));
}
void RepMetrics::Called(CellCall call) { calls_[call].Increment(); }
void RepMetrics::LivenessCheckFailed(HealthCheck::Kind kind) { liveness_failed_[kind].Increment(); }
void RepMetrics::Stranded(size_t count) { stranded_.Set(static_cast<double>(count)); }

}  // namespace diego::rep
