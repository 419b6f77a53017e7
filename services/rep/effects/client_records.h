// ClientRecords: the real Records, over libs/clients.
#pragma once

#include <string>
#include <vector>

#include "libs/clients/bbs_client.h"
#include "services/rep/engine/records.h"

namespace diego::rep {

// Thread-safe. `client` must outlive it.
class ClientRecords final : public Records {
 public:
  ClientRecords(clients::BbsClient& client, CellId cell_id);

  absl::StatusOr<std::vector<ActualLrp>> LrpsOnCell() override;
  absl::StatusOr<std::vector<ActualLrp>> LrpsOfIndex(const ActualLrpKey& key) override;
  absl::Status ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& definition_id) override;
  absl::Status StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const LrpReport& report) override;
  absl::Status CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& reason) override;
  absl::Status RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status RemoveEvacuatingLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status EvacuateClaimedLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::StatusOr<bool> EvacuateRunningLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                          const LrpReport& report) override;
  absl::Status EvacuateStoppedLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                  const std::string& reason) override;
  absl::StatusOr<LrpRun> LrpRunOf(const ActualLrpKey& key, const InstanceKey& instance,
                                  const std::string& definition_id) override;

  absl::StatusOr<std::vector<Task>> TasksOnCell() override;
  absl::StatusOr<Task> TaskOf(const TaskGuid& task_guid) override;
  absl::StatusOr<bool> StartTask(const TaskGuid& task_guid) override;
  absl::Status CompleteTask(const TaskGuid& task_guid, bool failed,
                            const std::string& failure_reason, const std::string& result) override;
  absl::Status RejectTask(const TaskGuid& task_guid, const std::string& reason) override;
  absl::StatusOr<TaskRun> TaskRunOf(const Task& task) override;

 private:
  clients::BbsClient& client_;
  const CellId cell_id_;
};

}  // namespace diego::rep
