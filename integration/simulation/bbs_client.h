// BbsClient: how everybody else talks to the BBSs: to the one that answered last, and to the other
// after it did not.
#pragma once

#include <string>
#include <vector>

#include "integration/simulation/bbs_node.h"

namespace diego::simulation {

class BbsClient {
 public:
  using Rows = std::vector<ActualLrp>;

  BbsClient(Network* network, std::vector<BbsNode*> nodes, std::string from)
      : network_(network), nodes_(std::move(nodes)), from_(std::move(from)) {}

  // One try: the reply's status, or DeadlineExceeded.
  void Call(bbs::Command command, std::function<void(const bbs::Reply&)> done);
  // Reads committed records; `done` gets a failure when there is no answer.
  void ReadIndex(const ProcessGuid& process_guid, int32_t index,
                 std::function<void(absl::StatusOr<Rows>)> done);
  void ReadCell(const CellId& cell, std::function<void(absl::StatusOr<Rows>)> done);
  void ReadTask(const TaskGuid& guid, std::function<void(absl::StatusOr<Task>)> done);
  void ReadTasksOf(const CellId& cell, std::function<void(absl::StatusOr<std::vector<Task>>)> done);
  void ReadDesired(const ProcessGuid& guid, std::function<void(absl::StatusOr<DesiredLrp>)> done);
  // The cells that are present, as the BBS knows them.
  void ReadCells(std::function<void(absl::StatusOr<LocketNode::Presences>)> done);

 private:
  template <typename T>
  void AskActive(std::function<absl::StatusOr<T>(BbsNode*, bbs::Term&)> look,
                 std::function<void(absl::StatusOr<T>)> done);
  template <typename T>
  void Read(std::function<absl::StatusOr<T>(bbs::CommittedView&)> look,
            std::function<void(absl::StatusOr<T>)> done);
  // Talks to the other node from now on if this outcome says so.
  void Learn(const absl::Status& status);

  Network* const network_;
  const std::vector<BbsNode*> nodes_;
  const std::string from_;
  size_t at_ = 0;
};

}  // namespace diego::simulation
