// CellRecords: the rep's port to the BBS, over the simulated network; every call blocks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "integration/simulation/bbs_client.h"
#include "services/rep/engine/records.h"

namespace diego::simulation {

class CellRecords final : public rep::Records {
 public:
  // `alive`: whether the process that asks still exists.
  CellRecords(World* world, Network* network, std::vector<BbsNode*> bbs, CellId cell,
              std::function<bool()> alive)
      : world_(world),
        cell_(std::move(cell)),
        bbs_(network, std::move(bbs), cell_.value()),
        alive_(std::move(alive)) {}

  absl::StatusOr<std::vector<ActualLrp>> LrpsOnCell() override;
  absl::StatusOr<std::vector<ActualLrp>> LrpsOfIndex(const ActualLrpKey& key) override;
  absl::Status ClaimLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& definition_id) override;
  absl::Status StartLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const rep::LrpReport& report) override;
  absl::Status CrashLrp(const ActualLrpKey& key, const InstanceKey& instance,
                        const std::string& reason) override;
  absl::Status RemoveLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status RemoveEvacuatingLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status EvacuateClaimedLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::StatusOr<bool> EvacuateRunningLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                          const rep::LrpReport& report) override;
  absl::Status EvacuateStoppedLrp(const ActualLrpKey& key, const InstanceKey& instance) override;
  absl::Status EvacuateCrashedLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                  const std::string& reason) override;
  absl::StatusOr<rep::LrpRun> LrpRunOf(const ActualLrpKey& key, const InstanceKey& instance,
                                       const std::string& definition_id) override;
  absl::StatusOr<std::vector<Task>> TasksOnCell() override;
  absl::StatusOr<Task> TaskOf(const TaskGuid& task_guid) override;
  absl::StatusOr<bool> StartTask(const TaskGuid& task_guid) override;
  absl::Status CompleteTask(const TaskGuid& task_guid, bool failed,
                            const std::string& failure_reason, const std::string& result) override;
  absl::Status RejectTask(const TaskGuid& task_guid, const std::string& reason) override;
  absl::StatusOr<rep::TaskRun> TaskRunOf(const Task& task) override;

 private:
  bbs::Reply Tell(bbs::Command command);
  template <typename T>
  absl::StatusOr<T> Ask(const std::function<void(std::function<void(absl::StatusOr<T>)>)>& begin);

  World* const world_;
  const CellId cell_;
  BbsClient bbs_;
  const std::function<bool()> alive_;
};

}  // namespace diego::simulation
