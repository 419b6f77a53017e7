// What is auctioned: one index of one LRP, or one task. The indices of one request share its
// demand.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "libs/models/cell_state.h"

namespace diego::auctioneer {

struct LrpAuction {
  std::shared_ptr<const LrpStartRequest> request;  // its `indices` are not looked at
  int32_t index = 0;
  int32_t attempts = 0;  // cells that have handed it back so far

  ActualLrpKey key() const { return {request->process_guid, index, request->domain}; }
};

struct TaskAuction {
  std::shared_ptr<const TaskStartRequest> request;
  int32_t attempts = 0;
};

// What a round decides about.
struct Batch {
  std::vector<LrpAuction> lrps;
  std::vector<TaskAuction> tasks;

  bool empty() const { return lrps.empty() && tasks.empty(); }
  size_t size() const { return lrps.size() + tasks.size(); }
};

// What one cell is to be handed after a round, in order of decision.
struct CellWork {
  CellId cell_id;
  std::vector<LrpAuction> lrps;
  std::vector<TaskAuction> tasks;
};

// The work as it is sent.
Work ToWork(const CellWork& work);

}  // namespace diego::auctioneer
