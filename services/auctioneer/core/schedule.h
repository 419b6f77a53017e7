// Schedule: the auctioneer's whole decision, (cell states, batch, weights) -> work for each cell
// and refusals with reasons. Deterministic. Source: reference/behaviours.md section 8.
//
// Beyond the reference, where that leaves the result to chance: equal work is decided in order of
// arrival, zones are walked by name and cells by id, and when constraints fail in several zones the
// furthest step reached anywhere is told (one of the answers the original may give).
#pragma once

#include <cstdint>
#include <vector>

#include "libs/models/cell_state.h"
#include "services/auctioneer/core/auction.h"
#include "services/auctioneer/core/refusal.h"
#include "services/auctioneer/core/score.h"

namespace diego::auctioneer {

struct ScheduleSettings {
  Weights weights;
  // Containers that may be starting on all cells together; 0 = no limit.
  int64_t starting_container_count_maximum = 0;
};

struct FailedLrp {
  LrpAuction auction;
  Refusal refusal;
};
struct FailedTask {
  TaskAuction auction;
  Refusal refusal;
};

struct Schedule {
  std::vector<CellWork> work;  // cells that get any, ordered by id
  std::vector<FailedLrp> failed_lrps;
  std::vector<FailedTask> failed_tasks;
};

// Cells that are present but no candidates; only told in refusals.
struct Unasked {
  int unreachable = 0;
  int evacuating = 0;
};
void CountUnasked(const Unasked& unasked, Refusal* refusal);

// `cells`: what answered, in any order. Evacuating cells are left out, and of cells that share an
// id the first stays.
Schedule Decide(std::vector<CellState> cells, Batch batch, const ScheduleSettings& settings,
                const Unasked& unasked = {});

}  // namespace diego::auctioneer
