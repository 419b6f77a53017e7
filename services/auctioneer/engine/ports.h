// What a round asks of the world outside. The engine owns the ports, effects implement them.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "libs/models/cell.h"
#include "libs/models/cell_state.h"
#include "services/auctioneer/core/schedule.h"

namespace diego::auctioneer {

// Called from the loop's thread; each call returns within a bounded time.
class CellGateway {
 public:
  virtual ~CellGateway() = default;

  // The cells that are present, by the BBS.
  virtual absl::StatusOr<std::vector<CellPresence>> Cells() = 0;

  // Asks all cells at the same time; one answer a cell, in their order.
  virtual std::vector<absl::StatusOr<CellState>> States(const std::vector<CellPresence>& cells) = 0;

  struct Delivery {
    CellPresence cell;
    Work work;
  };
  // Hands the work over, one call a cell, all at the same time. The answer is what the cell hands
  // back; after an error the work may or may not have arrived.
  virtual std::vector<absl::StatusOr<Work>> Deliver(const std::vector<Delivery>& deliveries) = 0;
};

// Tells the BBS what could not be placed. Returns at once; what is lost is found by convergence.
class FailureReporter {
 public:
  virtual ~FailureReporter() = default;
  virtual void Report(std::vector<FailedLrp> lrps, std::vector<FailedTask> tasks) = 0;
};

}  // namespace diego::auctioneer
