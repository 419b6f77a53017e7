// A BBS for tests of the rep: rows in maps, moved by the rules of reference/behaviours.md sections
// 1 and 5 as far as one cell meets them. It goes away when told to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/models/error.h"
#include "services/rep/engine/records.h"

namespace diego::rep {

// Used by one thread.
class FakeRecords final : public Records {
 public:
  explicit FakeRecords(CellId cell_id) : cell_id_(std::move(cell_id)) {}

  absl::StatusOr<std::vector<ActualLrp>> LrpsOnCell() override {
    if (away) return Away();
    std::vector<ActualLrp> rows;
    for (const auto* table : {&lrps, &evacuating}) {
      for (const auto& [key, row] : *table) {
        if (row.instance.cell_id == cell_id_) rows.push_back(row);
      }
    }
    return rows;
  }
  absl::StatusOr<std::vector<ActualLrp>> LrpsOfIndex(const ActualLrpKey& key) override {
    if (away) return Away();
    std::vector<ActualLrp> rows;
    for (const auto* table : {&lrps, &evacuating}) {
      const auto found = table->find(key);
      if (found != table->end()) rows.push_back(found->second);
    }
    return rows;
  }
  absl::Status ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& definition_id) override {
    if (away) return Away();
    if (const absl::Status fault = std::exchange(claim_fault, {}); !fault.ok()) return fault;
    const auto found = lrps.find(key);
    if (found == lrps.end()) return DiegoError(ErrorType::kResourceNotFound);
    ActualLrp& row = found->second;
    if (row.state != ActualLrpState::kUnclaimed && row.instance != instance) {
      return DiegoError(ErrorType::kActualLRPCannotBeClaimed);
    }
    row.state = ActualLrpState::kClaimed;
    row.instance = instance;
    row.definition_id = definition_id;
    return absl::OkStatus();
  }
  absl::Status StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const LrpReport& report) override {
    if (away) return Away();
    if (const absl::Status fault = std::exchange(start_fault, {}); !fault.ok()) return fault;
    ActualLrp& row = lrps[key];
    if (row.state == ActualLrpState::kRunning && row.instance != instance) {
      return DiegoError(ErrorType::kActualLRPCannotBeStarted);
    }
    ++starts;
    row.key = key;
    row.state = ActualLrpState::kRunning;
    row.instance = instance;
    row.net_info = report.net_info;
    row.internal_routes = report.internal_routes;
    row.metric_tags = report.metric_tags;
    row.availability_zone = report.zone;
    row.definition_id = report.definition_id;
    row.routable = true;
    return absl::OkStatus();
  }
  absl::Status CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& reason) override {
    if (away) return Away();
    const auto found = lrps.find(key);
    if (found == lrps.end()) return DiegoError(ErrorType::kResourceNotFound);
    if (found->second.instance != instance) {
      return DiegoError(ErrorType::kActualLRPCannotBeCrashed);
    }
    found->second.state = ActualLrpState::kUnclaimed;
    found->second.instance = {};
    found->second.crash_reason = reason;
    ++found->second.crash_count;
    return absl::OkStatus();
  }
  absl::Status RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) override {
    if (away) return Away();
    const auto found = lrps.find(key);
    if (found == lrps.end() || found->second.instance != instance) {
      return DiegoError(ErrorType::kResourceNotFound);
    }
    lrps.erase(found);
    return absl::OkStatus();
  }
  absl::Status RemoveEvacuatingLrp(const ActualLrpKey& key, const InstanceKey& instance) override {
    if (away) return Away();
    const auto found = evacuating.find(key);
    if (found == evacuating.end() || found->second.instance != instance) {
      return DiegoError(ErrorType::kResourceNotFound);
    }
    evacuating.erase(found);
    return absl::OkStatus();
  }
  absl::Status EvacuateClaimedLrp(const ActualLrpKey& key, const InstanceKey& instance) override {
    return Unclaim(key, instance);
  }
  absl::StatusOr<bool> EvacuateRunningLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                          const LrpReport&) override {
    if (away) return Away();
    const auto found = lrps.find(key);
    if (found == lrps.end()) return false;
    const ActualLrpState state = found->second.state;
    if (found->second.instance != instance &&
        (state == ActualLrpState::kRunning || state == ActualLrpState::kCrashed)) {
      const auto beside = evacuating.find(key);
      if (beside != evacuating.end() && beside->second.instance == instance) {
        evacuating.erase(beside);
      }
      return false;
    }
    ActualLrp moved = found->second;
    moved.state = ActualLrpState::kRunning;
    moved.instance = instance;
    moved.presence = Presence::kEvacuating;
    evacuating[key] = moved;
    if (found->second.instance == instance) return Unclaim(key, instance).ok();
    return true;
  }
  absl::Status EvacuateStoppedLrp(const ActualLrpKey& key, const InstanceKey& instance) override {
    evacuated_stopped.push_back(instance.instance_guid.value());
    const auto found = evacuating.find(key);
    if (found != evacuating.end() && found->second.instance == instance) {
      return RemoveEvacuatingLrp(key, instance);
    }
    return RemoveLrp(key, instance);
  }
  absl::Status EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                  const std::string& reason) override {
    return CrashLrp(key, instance, reason);
  }
  absl::StatusOr<LrpRun> LrpRunOf(const ActualLrpKey&, const InstanceKey&,
                                  const std::string& definition_id) override {
    definitions_asked_for.push_back(definition_id);
    if (away) return Away();
    if (!desired) return DiegoError(ErrorType::kResourceNotFound);
    LrpRun run;
    run.internal_routes = {"web.internal"};
    run.spec.log.guid = "log-guid";
    run.spec.log.tags = run.metric_tags = metric_tags;
    run.ignored_fields = ignored_fields;
    return run;
  }

  absl::StatusOr<std::vector<Task>> TasksOnCell() override {
    if (away) return Away();
    std::vector<Task> rows;
    for (const auto& [guid, task] : tasks) {
      if (task.cell_id == cell_id_) rows.push_back(task);
    }
    return rows;
  }
  absl::StatusOr<Task> TaskOf(const TaskGuid& task_guid) override {
    if (away) return Away();
    const auto found = tasks.find(task_guid);
    if (found == tasks.end()) return DiegoError(ErrorType::kResourceNotFound);
    return found->second;
  }
  absl::StatusOr<bool> StartTask(const TaskGuid& task_guid) override {
    if (away) return Away();
    if (const absl::Status fault = std::exchange(start_task_fault, {}); !fault.ok()) return fault;
    Task& task = tasks.at(task_guid);
    if (task.state == TaskState::kRunning && task.cell_id == cell_id_) return false;
    if (task.state != TaskState::kPending) return DiegoError(ErrorType::kInvalidStateTransition);
    task.state = TaskState::kRunning;
    task.cell_id = cell_id_;
    return true;
  }
  absl::Status CompleteTask(const TaskGuid& task_guid, bool failed,
                            const std::string& failure_reason, const std::string& result) override {
    if (away) return Away();
    Task& task = tasks.at(task_guid);
    if (const absl::Status fault = std::exchange(complete_fault, {}); !fault.ok()) return fault;
    if (task.state != TaskState::kRunning) return DiegoError(ErrorType::kInvalidStateTransition);
    task.state = TaskState::kCompleted;
    task.cell_id = CellId();
    task.failed = failed;
    task.failure_reason = failure_reason;
    task.result = result;
    return absl::OkStatus();
  }
  absl::Status RejectTask(const TaskGuid& task_guid, const std::string& reason) override {
    if (away) return Away();
    Task& task = tasks.at(task_guid);
    task.state = TaskState::kPending;
    task.cell_id = CellId();
    task.rejection_reason = reason;
    return absl::OkStatus();
  }
  absl::StatusOr<TaskRun> TaskRunOf(const Task&) override {
    if (away) return Away();
    TaskRun run;
    run.result_file = result_file;
    run.spec.log.guid = "task-log-guid";
    run.ignored_fields = ignored_fields;
    return run;
  }

  std::vector<std::string> definitions_asked_for;  // by LrpRunOf
  std::map<ActualLrpKey, ActualLrp> lrps;
  std::map<ActualLrpKey, ActualLrp> evacuating;
  std::map<TaskGuid, Task> tasks;
  bool away = false;
  bool desired = true;
  std::string result_file;
  std::map<std::string, std::string> metric_tags;  // of every LRP
  std::vector<std::string> ignored_fields;         // of whatever is run
  // What the next call of each kind is answered when it is not OK: a refusal that the row read
  // before did not foretell.
  absl::Status claim_fault;
  absl::Status start_fault;
  absl::Status start_task_fault;
  absl::Status complete_fault;
  int starts = 0;
  std::vector<std::string> evacuated_stopped;  // instance guids, by EvacuateStoppedLrp

 private:
  absl::Status Unclaim(const ActualLrpKey& key, const InstanceKey& instance) {
    if (away) return Away();
    const auto found = lrps.find(key);
    if (found == lrps.end() || found->second.instance != instance) {
      return DiegoError(ErrorType::kResourceNotFound);
    }
    found->second.state = ActualLrpState::kUnclaimed;
    found->second.instance = {};
    return absl::OkStatus();
  }
  static absl::Status Away() { return absl::UnavailableError("the BBS is away"); }
  const CellId cell_id_;
};

}  // namespace diego::rep
