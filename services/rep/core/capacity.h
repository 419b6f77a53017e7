// Capacity: what a cell has, what is taken, and which of the work it is handed it accepts. Pure
// functions. Source: reference/rep-auctioneer-http-api.md "CellState", "Work acceptance rules".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/models/cell_state.h"
#include "libs/models/resources.h"
#include "services/rep/core/cell_facts.h"

namespace diego::rep {

// How many containers to offer when the runtime can hold `runtime_max`: one is kept back.
int64_t OfferedContainers(int64_t runtime_max);

// What a container of an LRP is limited to: its memory plus the proxy's, and 0 stays 0 (no limit).
int32_t LrpContainerMemoryMb(int32_t memory_mb, int32_t proxy_memory_allocation_mb);

// What is left of `total` when `containers` are taken off. A container counts, whatever its state,
// until it is gone. May be negative after a cell was configured smaller.
Resources Remaining(const Resources& total, const std::vector<CellContainer>& containers);

// The cell's answer to the auctioneer.
CellState StateOf(const CellFacts& facts, const std::vector<CellContainer>& containers,
                  bool evacuating);

// "preloaded" and the like of "preloaded:cflinuxfs4"; the part after the first ':', without a
// query, is the stack's name.
struct RootFsName {
  std::string scheme;
  std::string name;
};
RootFsName SplitRootFs(const std::string& root_fs);
// True when the cell can make containers of it.
bool OffersRootFs(const CellFacts& facts, const std::string& root_fs);

struct PlannedReservation {
  ContainerIdentity identity;
  WorkloadSize size;  // of the container, the proxy's memory included
};
struct Refusal {
  std::string guid;  // process guid and index, or the task guid
  std::string reason;
};
struct WorkPlan {
  std::vector<PlannedReservation> reservations;  // in the order to be made
  Work rejected;                                 // to be handed back
  std::vector<Refusal> refusals;                 // why, an entry an item of `rejected`
};
// Which of `work` to take. LRPs by memory, largest first, then tasks as they come; what does not
// fit is handed back and the walk goes on. Instance guids are drawn from `seed`.
// A task whose container is here and has not ended is neither taken nor handed back: the work is
// where it is meant to be and was delivered twice. Handed back too often it would be rejected, and
// the BBS takes a rejected task away from where it runs. If its container has ended and is not gone
// yet, the guid is not free: the task is handed back, to run elsewhere or here a little later.
WorkPlan PlanWork(const CellFacts& facts, const std::vector<CellContainer>& containers,
                  bool evacuating, const Work& work, uint64_t seed);

}  // namespace diego::rep
