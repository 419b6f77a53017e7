#include "services/rep/effects/client_records.h"

#include <utility>

#include "libs/base/status_util.h"
#include "services/rep/effects/run_reader.h"

namespace diego::rep {
namespace {

clients::RunningInstance RunningInstanceOf(const ActualLrpKey& key, const InstanceKey& instance,
                                           const LrpReport& report) {
  return {key,  instance,    report.net_info,     report.internal_routes, report.metric_tags,
          true, report.zone, report.definition_id};
}

}  // namespace

ClientRecords::ClientRecords(clients::BbsClient& client, CellId cell_id)
    : client_(client), cell_id_(std::move(cell_id)) {}

absl::StatusOr<std::vector<ActualLrp>> ClientRecords::LrpsOnCell() {
  clients::ActualLrpFilter filter;
  filter.cell_id = cell_id_;
  DIEGO_ASSIGN_OR_RETURN(auto listing, client_.ActualLrps(filter));
  return std::move(listing.records);
}

absl::StatusOr<std::vector<ActualLrp>> ClientRecords::LrpsOfIndex(const ActualLrpKey& key) {
  clients::ActualLrpFilter filter;
  filter.process_guid = key.process_guid;
  filter.index = key.index;
  DIEGO_ASSIGN_OR_RETURN(auto listing, client_.ActualLrps(filter));
  return std::move(listing.records);
}

absl::Status ClientRecords::ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                     const std::string& definition_id) {
  return client_.ClaimActualLrp(key, instance, definition_id);
}

absl::Status ClientRecords::StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                     const LrpReport& report) {
  return client_.StartActualLrp(RunningInstanceOf(key, instance, report));
}

absl::Status ClientRecords::CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                     const std::string& reason) {
  return client_.CrashActualLrp(key, instance, reason);
}

absl::Status ClientRecords::RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) {
  return client_.RemoveActualLrp(key, instance);
}

absl::Status ClientRecords::RemoveEvacuatingLrp(const ActualLrpKey& key,
                                                const InstanceKey& instance) {
  return client_.RemoveEvacuatingActualLrp(key, instance);
}

absl::Status ClientRecords::EvacuateClaimedLrp(const ActualLrpKey& key,
                                               const InstanceKey& instance) {
  return client_.EvacuateClaimedActualLrp(key, instance).status;
}

absl::StatusOr<bool> ClientRecords::EvacuateRunningLrp(const ActualLrpKey& key,
                                                       const InstanceKey& instance,
                                                       const LrpReport& report) {
  const clients::EvacuationAnswer answer =
      client_.EvacuateRunningActualLrp(RunningInstanceOf(key, instance, report));
  if (!answer.status.ok()) return answer.status;
  return answer.keep_container;
}

absl::Status ClientRecords::EvacuateStoppedLrp(const ActualLrpKey& key,
                                               const InstanceKey& instance) {
  return client_.EvacuateStoppedActualLrp(key, instance).status;
}

absl::Status ClientRecords::EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                               const std::string& reason) {
  return client_.EvacuateCrashedActualLrp(key, instance, reason).status;
}

absl::StatusOr<LrpRun> ClientRecords::LrpRunOf(const ActualLrpKey& key, const InstanceKey& instance,
                                               const std::string& definition_id) {
  DIEGO_ASSIGN_OR_RETURN(const DesiredLrp lrp,
                         client_.DesiredLrpByProcessGuid(key.process_guid, definition_id));
  return ReadLrpRun(lrp, key, instance.instance_guid);
}

absl::StatusOr<std::vector<Task>> ClientRecords::TasksOnCell() {
  clients::TaskFilter filter;
  filter.cell_id = cell_id_;
  DIEGO_ASSIGN_OR_RETURN(auto listing, client_.Tasks(filter));
  return std::move(listing.records);
}

absl::StatusOr<Task> ClientRecords::TaskOf(const TaskGuid& task_guid) {
  return client_.TaskByGuid(task_guid);
}

absl::StatusOr<bool> ClientRecords::StartTask(const TaskGuid& task_guid) {
  return client_.StartTask(task_guid, cell_id_);
}

absl::Status ClientRecords::CompleteTask(const TaskGuid& task_guid, bool failed,
                                         const std::string& failure_reason,
                                         const std::string& result) {
  return client_.CompleteTask({task_guid, cell_id_, failed, failure_reason, result});
}

absl::Status ClientRecords::RejectTask(const TaskGuid& task_guid, const std::string& reason) {
  return client_.RejectTask(task_guid, reason);
}

absl::StatusOr<TaskRun> ClientRecords::TaskRunOf(const Task& task) { return ReadTaskRun(task); }

}  // namespace diego::rep
