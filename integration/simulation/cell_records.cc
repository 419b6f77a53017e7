#include "integration/simulation/cell_records.h"

#include "libs/models/error.h"
#include "services/bbs/core/definitions.h"

namespace diego::simulation {

using Rows = std::vector<ActualLrp>;

namespace {

bbs::InstanceFacts FactsOf(const ActualLrpKey& key, const InstanceKey& instance,
                           const rep::LrpReport& report) {
  return {key,  instance,    report.net_info,     report.internal_routes, report.metric_tags,
          true, report.zone, report.definition_id};
}

}  // namespace

template <typename T>
absl::StatusOr<T> CellRecords::Ask(
    const std::function<void(std::function<void(absl::StatusOr<T>)>)>& begin) {
  absl::StatusOr<T> answer = absl::UnavailableError("this process is no more");
  if (alive_()) answer = world_->Await<T>(begin);
  return alive_() ? std::move(answer) : absl::UnavailableError("this process is no more");
}

bbs::Reply CellRecords::Tell(bbs::Command command) {
  const auto reply = Ask<bbs::Reply>([&](const auto& done) {
    bbs_.Call(std::move(command), [done](const bbs::Reply& answered) { done(answered); });
  });
  if (reply.ok()) return *reply;
  bbs::Reply failed;
  failed.status = reply.status();
  return failed;
}

absl::StatusOr<Rows> CellRecords::LrpsOnCell() {
  return Ask<Rows>([this](const auto& done) { bbs_.ReadCell(cell_, done); });
}

absl::StatusOr<Rows> CellRecords::LrpsOfIndex(const ActualLrpKey& key) {
  return Ask<Rows>([&](const auto& done) { bbs_.ReadIndex(key.process_guid, key.index, done); });
}

absl::Status CellRecords::ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                   const std::string& definition_id) {
  return Tell(bbs::ClaimActualLrp{key.process_guid, key.index, instance, definition_id}).status;
}

absl::Status CellRecords::StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                   const rep::LrpReport& report) {
  return Tell(bbs::StartActualLrp{FactsOf(key, instance, report)}).status;
}

absl::Status CellRecords::CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                   const std::string& reason) {
  return Tell(bbs::CrashActualLrp{key, instance, reason}).status;
}

absl::Status CellRecords::RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) {
  return Tell(bbs::RemoveActualLrp{key.process_guid, key.index, instance}).status;
}

absl::Status CellRecords::RemoveEvacuatingLrp(const ActualLrpKey& key,
                                              const InstanceKey& instance) {
  return Tell(bbs::RemoveEvacuatingActualLrp{key, instance}).status;
}

absl::Status CellRecords::EvacuateClaimedLrp(const ActualLrpKey& key, const InstanceKey& instance) {
  return Tell(bbs::EvacuateClaimedActualLrp{key, instance}).status;
}

absl::StatusOr<bool> CellRecords::EvacuateRunningLrp(const ActualLrpKey& key,
                                                     const InstanceKey& instance,
                                                     const rep::LrpReport& report) {
  const bbs::Reply reply = Tell(bbs::EvacuateRunningActualLrp{FactsOf(key, instance, report)});
  if (!reply.status.ok()) return reply.status;
  return reply.keep_container;
}

absl::Status CellRecords::EvacuateStoppedLrp(const ActualLrpKey& key, const InstanceKey& instance) {
  return Tell(bbs::EvacuateStoppedActualLrp{key, instance}).status;
}

absl::Status CellRecords::EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                             const std::string& reason) {
  return Tell(bbs::EvacuateCrashedActualLrp{key, instance, reason}).status;
}

absl::StatusOr<rep::LrpRun> CellRecords::LrpRunOf(const ActualLrpKey& key, const InstanceKey&,
                                                  const std::string& definition_id) {
  const auto desired =
      Ask<DesiredLrp>([&](const auto& done) { bbs_.ReadDesired(key.process_guid, done); });
  if (!desired.ok()) return desired.status();
  if (!definition_id.empty() && !bbs::Knows(*desired, definition_id)) {
    return DiegoError(ErrorType::kResourceNotFound);
  }
  return rep::LrpRun();
}

absl::StatusOr<std::vector<Task>> CellRecords::TasksOnCell() {
  return Ask<std::vector<Task>>([this](const auto& done) { bbs_.ReadTasksOf(cell_, done); });
}

absl::StatusOr<Task> CellRecords::TaskOf(const TaskGuid& task_guid) {
  return Ask<Task>([&](const auto& done) { bbs_.ReadTask(task_guid, done); });
}

absl::StatusOr<bool> CellRecords::StartTask(const TaskGuid& task_guid) {
  const bbs::Reply reply = Tell(bbs::StartTask{task_guid, cell_});
  if (!reply.status.ok()) return reply.status;
  return reply.should_start;
}

absl::Status CellRecords::CompleteTask(const TaskGuid& task_guid, bool failed,
                                       const std::string& failure_reason,
                                       const std::string& result) {
  return Tell(bbs::CompleteTask{task_guid, cell_, failed, failure_reason, result}).status;
}

absl::Status CellRecords::RejectTask(const TaskGuid& task_guid, const std::string& reason) {
  return Tell(bbs::RejectTask{task_guid, reason}).status;
}

absl::StatusOr<rep::TaskRun> CellRecords::TaskRunOf(const Task&) { return rep::TaskRun(); }

}  // namespace diego::simulation
