// Work for the outside world, made from records: start requests, stops, callbacks.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer"; behaviours.md sections 1, 2 and 5.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "services/bbs/core/outcome.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {

// An index that waits for a place, and the definition it is to run there.
struct Waiting {
  int32_t index = 0;
  std::string definition_id;
};
Waiting WaitingFor(const ActualLrp& row, const DesiredLrp& lrp);

// Asks for a place for each; no effect when there are none.
void Auction(const DesiredLrp& desired, const std::vector<Waiting>& waiting, Outcome* outcome);
void Auction(const Task& task, Outcome* outcome);

// Submits the completion callback of a task that has one.
void Callback(const Record<Task>& task, Outcome* outcome);

// A row that nobody wants any more: UNCLAIMED and CRASHED rows, and rows of cells that are known to
// be missing, are removed; otherwise the cell is asked to stop the instance and the row goes when
// the cell reports. `live_cells` may be null: then no cell counts as missing.
void Retire(const Record<ActualLrp>& row, const std::set<CellId>* live_cells, Outcome* outcome);

}  // namespace diego::bbs
