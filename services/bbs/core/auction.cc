#include "services/bbs/core/auction.h"

#include <algorithm>
#include <utility>

#include "services/bbs/core/definitions.h"

namespace diego::bbs {

Waiting WaitingFor(const ActualLrp& row, const DesiredLrp& lrp) {
  return {row.key.index, DefinitionOf(row, lrp)};
}

void Auction(const DesiredLrp& desired, const std::vector<Waiting>& waiting, Outcome* outcome) {
  // A request an LRP and definition; there is one but for rolls.
  std::vector<LrpStartRequest> requests;
  for (const Waiting& one : waiting) {
    const auto same = [&](const LrpStartRequest& r) {
      return r.definition_id == one.definition_id;
    };
    auto request = std::find_if(requests.begin(), requests.end(), same);
    if (request == requests.end()) {
      const LrpDefinition* kept = FindKept(desired, one.definition_id);
      requests.push_back({desired.process_guid,
                          desired.domain,
                          {},
                          kept != nullptr ? kept->placement : desired.placement,
                          kept != nullptr ? kept->size : desired.size,
                          one.definition_id});
      request = requests.end() - 1;
    }
    request->indices.push_back(one.index);
  }
  for (LrpStartRequest& request : requests) {
    outcome->effects.push_back(AuctionLrps{std::move(request)});
  }
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
