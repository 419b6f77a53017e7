#include "services/bbs/core/auction.h"

#include <utility>

namespace diego::bbs {

void Auction(const DesiredLrp& desired, std::vector<int32_t> indices, Outcome* outcome) {
  if (indices.empty()) return;
  outcome->effects.push_back(AuctionLrps{LrpStartRequest{
      desired.process_guid, desired.domain, std::move(indices), desired.placement, desired.size}});
}

void Auction(const Task& task, Outcome* outcome) {
  outcome->effects.push_back(
      AuctionTask{TaskStartRequest{task.task_guid, task.domain, task.placement, task.size}});
}

void Callback(const Record<Task>& task, Outcome* outcome) {
  if (task->completion_callback_url.empty()) return;
  outcome->effects.push_back(CompleteTaskCallback{task});
}

void Retire(const Record<ActualLrp>& row, const std::set<CellId>* live_cells, Outcome* outcome) {
  const bool held =
      row->state == ActualLrpState::kClaimed || row->state == ActualLrpState::kRunning;
  const bool missing = live_cells != nullptr && live_cells->count(row->instance.cell_id) == 0;
  if (held && !missing) {
    outcome->effects.push_back(StopInstance{row->key, row->instance});
  } else {
    outcome->changes.push_back(Disappears(row));
  }
}

}  // namespace diego::bbs
