// CellPool: the cells of one round and what is left on them, kept so that the best cell is found
// without looking at all of them.
//
// Cells of one zone that are alike in everything but their load (root file systems, drivers, tags,
// size) form a kin. Within a kin a piece of work raises every cell's score by the same amount, so
// the kin sorted by load is sorted by score, and its best cell is the first that has room. Cells
// that run instances of the same process already score worse, by a fixed amount for each; so this
// holds for cells that run none, for those that run one, and so on, and fewer instances come first.
// Source: reference/behaviours.md section 8.
//
// Where the reference leaves the order to chance it is fixed here: zones by name, cells by id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "libs/models/cell_state.h"
#include "services/auctioneer/core/fit.h"
#include "services/auctioneer/core/refusal.h"
#include "services/auctioneer/core/score.h"

namespace diego::auctioneer {

// Which kins a constraint admits, and why the others fell out.
struct Candidates {
  std::vector<std::vector<int>> kins_by_zone;  // zones that have any; kins of it
  std::vector<int> zones;                      // the zone of each of these
  std::vector<bool> admits;                    // by kin
  MatchStep furthest = MatchStep::kRootFs;     // kAll when any kin is admitted
  Refusal::Counts counts;
};

// Where the instances of one process are.
struct ProcessSpread {
  std::vector<int> instances_by_zone;
  absl::btree_map<int, int> instances_by_cell;  // cells that have any
  // How many cells of a kin have so many instances; none that have no instance.
  absl::btree_map<std::pair<int, int>, int> cells_by_kin_and_instances;
};

// A plain value; one thread at a time.
class CellPool {
 public:
  // `cells` must outlive the pool, each cell id occurring once, ordered by id.
  // `with_tasks`: whether BestForTask will be asked.
  CellPool(const std::vector<CellState>& cells, const Weights& weights, bool with_tasks);

  size_t size() const { return cells_.size(); }
  const CellState& state(int cell) const { return *cells_[static_cast<size_t>(cell)].state; }
  // Containers that start on all cells together.
  int64_t starting() const { return starting_; }

  Candidates CandidatesFor(const PlacementConstraint& wanted) const;
  ProcessSpread EmptySpread() const;
  void AddInstance(int cell, ProcessSpread& spread) const;

  // The cell with the best score in the zones with the fewest instances of the process in which
  // anything has room (zones with equally many count as one).
  std::optional<int> BestForLrp(const Candidates& candidates, const WorkloadSize& size,
                                const ProcessSpread& spread);
  // The cell with the best score of all.
  std::optional<int> BestForTask(const Candidates& candidates, const WorkloadSize& size) const;

  void PlaceLrp(int cell, const WorkloadSize& size, ProcessSpread& spread);
  void PlaceTask(int cell, const WorkloadSize& size);

  // Why no admitted cell has room.
  Refusal ExplainNoRoom(const Candidates& candidates, const WorkloadSize& size, bool is_lrp) const;
  // Changes with every placement: what could not be placed cannot be while it stays the same.
  uint64_t version() const { return version_; }

 private:
  struct Cell {
    const CellState* state = nullptr;
    Resources available;
    int64_t starting = 0;
    int64_t tasks = 0;
    int zone = 0;
    int kin = 0;
    int rank = 0;  // within its zone, by cell_index then id
    Score lrp_load = 0;
    Score task_load = 0;
  };
  using Order = absl::btree_set<std::pair<Score, int>>;  // load, cell
  struct Kin {
    const CellState* sample = nullptr;
    int zone = 0;
    Order by_lrp_load;
    Order by_task_load;
    // Needs for which no cell of the kin has room; room only shrinks while placing.
    absl::btree_set<std::pair<int64_t, int64_t>> no_room;  // memory, disk
  };
  struct Best {
    Score score = 0;
    int zone = 0;
    int cell = -1;

    // The reference takes the first of equals, walking zones and cells in order.
    friend auto operator<=>(const Best&, const Best&) = default;
  };

  Cell& At(int cell) { return cells_[static_cast<size_t>(cell)]; }
  const Cell& At(int cell) const { return cells_[static_cast<size_t>(cell)]; }
  void RankWithinZones();
  void ComputeLoads(Cell& cell) const;
  void Reserve(int cell, const Need& need, int64_t tasks);
  void ConsiderKin(int number, const WorkloadSize& size, const ProcessSpread& spread,
                   std::optional<Best>& best);
  std::optional<Best> FirstWith(int number, int instances, const Need& need,
                                const ProcessSpread& spread) const;

  const Weights weights_;
  const bool with_tasks_;
  std::vector<Cell> cells_;
  std::vector<Kin> kins_;
  int zone_count_ = 0;
  int64_t starting_ = 0;
  uint64_t version_ = 0;
  std::vector<std::pair<int, size_t>> zone_order_;  // scratch: instances, place in candidates
};

}  // namespace diego::auctioneer
