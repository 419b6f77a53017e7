// Records: the port to what the BBS knows of this cell's work, and is told of it. Effects own the
// real one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/task.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/reconcile.h"

namespace diego::rep {

// How to run an instance, and what is said of it while it runs.
struct LrpRun {
  RunSpec spec;
  std::vector<std::string> internal_routes;        // hostnames
  std::map<std::string, std::string> metric_tags;  // resolved for the instance
  std::vector<std::string> ignored_fields;         // set in the definition, not done by this cell
};

struct TaskRun {
  RunSpec spec;
  std::string result_file;                  // empty = no result
  std::vector<std::string> ignored_fields;  // as above
};

// Thread-safe; every call blocks for a bounded time. Refusals carry a Diego error type.
class Records {
 public:
  virtual ~Records() = default;

  virtual absl::StatusOr<std::vector<ActualLrp>> LrpsOnCell() = 0;
  virtual absl::StatusOr<std::vector<ActualLrp>> LrpsOfIndex(const ActualLrpKey& key) = 0;
  // `definition_id`: what it was auctioned to run; "" = the active one.
  virtual absl::Status ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                const std::string& definition_id) = 0;
  virtual absl::Status StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                const LrpReport& report) = 0;
  virtual absl::Status CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                const std::string& reason) = 0;
  virtual absl::Status RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) = 0;
  virtual absl::Status RemoveEvacuatingLrp(const ActualLrpKey& key,
                                           const InstanceKey& instance) = 0;
  // Of a cell that evacuates. Running answers whether to keep the container for now.
  virtual absl::Status EvacuateClaimedLrp(const ActualLrpKey& key, const InstanceKey& instance) = 0;
  virtual absl::StatusOr<bool> EvacuateRunningLrp(const ActualLrpKey& key,
                                                  const InstanceKey& instance,
                                                  const LrpReport& report) = 0;
  virtual absl::Status EvacuateStoppedLrp(const ActualLrpKey& key, const InstanceKey& instance) = 0;
  virtual absl::Status EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                          const std::string& reason) = 0;
  // NotFound: nobody desires it any more. InvalidArgument: it cannot be run here.
  virtual absl::StatusOr<LrpRun> LrpRunOf(const ActualLrpKey& key, const InstanceKey& instance,
                                          const std::string& definition_id) = 0;

  virtual absl::StatusOr<std::vector<Task>> TasksOnCell() = 0;
  // NotFound.
  virtual absl::StatusOr<Task> TaskOf(const TaskGuid& task_guid) = 0;
  // Whether to run it.
  virtual absl::StatusOr<bool> StartTask(const TaskGuid& task_guid) = 0;
  virtual absl::Status CompleteTask(const TaskGuid& task_guid, bool failed,
                                    const std::string& failure_reason,
                                    const std::string& result) = 0;
  virtual absl::Status RejectTask(const TaskGuid& task_guid, const std::string& reason) = 0;
  // InvalidArgument: it cannot be run here.
  virtual absl::StatusOr<TaskRun> TaskRunOf(const Task& task) = 0;
};

}  // namespace diego::rep
