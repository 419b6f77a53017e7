#include "services/auctioneer/core/schedule.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "services/auctioneer/core/batch.h"
#include "services/auctioneer/core/cell_pool.h"

namespace diego::auctioneer {
namespace {

std::vector<CellState> Eligible(std::vector<CellState> cells) {
  std::stable_sort(cells.begin(), cells.end(),
                   [](const CellState& a, const CellState& b) { return a.cell_id < b.cell_id; });
  cells.erase(
      std::unique(cells.begin(), cells.end(),
                  [](const CellState& a, const CellState& b) { return a.cell_id == b.cell_id; }),
      cells.end());
  cells.erase(std::remove_if(cells.begin(), cells.end(),
                             [](const CellState& cell) { return cell.evacuating; }),
              cells.end());
  return cells;
}

struct ByConstraint {
  bool operator()(const PlacementConstraint& a, const PlacementConstraint& b) const {
    return std::tie(a.root_fs, a.placement_tags, a.volume_drivers) <
           std::tie(b.root_fs, b.placement_tags, b.volume_drivers);
  }
};

// What is known of one constraint in this round.
struct Known {
  Candidates candidates;
  struct NoRoom {
    uint64_t version = 0;
    Refusal refusal;
  };
  // Work of these sizes (is_lrp, memory, disk) found no room. Room only shrinks during a round, so
  // it will not find any later; only the explanation may change.
  std::map<std::tuple<bool, int32_t, int32_t>, NoRoom> no_room;
};

class Round {
 public:
  Round(const std::vector<CellState>& cells, const Batch& batch, const ScheduleSettings& settings)
      : settings_(settings), pool_(cells, settings.weights, !batch.tasks.empty()) {
    work_.resize(cells.size());
    for (const LrpAuction& auction : batch.lrps) {
      spreads_.try_emplace(auction.request->process_guid, pool_.EmptySpread());
    }
    if (spreads_.empty()) return;
    for (size_t cell = 0; cell < cells.size(); ++cell) {
      for (const CellLrp& lrp : cells[cell].lrps) {
        const auto spread = spreads_.find(lrp.key.process_guid);
        if (spread != spreads_.end()) {
          pool_.AddInstance(static_cast<int>(cell), spread->second);
        }
      }
    }
  }

  void DecideLrp(LrpAuction auction) {
    const LrpStartRequest& request = *auction.request;
    Known& known = Know(request.placement);
    const auto placed = [&]() -> std::optional<int> {
      if (!MayPlace(known, request.size, true)) return std::nullopt;
      return pool_.BestForLrp(known.candidates, request.size, SpreadOf(request));
    }();
    if (placed) {
      pool_.PlaceLrp(*placed, request.size, SpreadOf(request));
      work_[static_cast<size_t>(*placed)].lrps.push_back(std::move(auction));
      return;
    }
    Refusal refusal = Explain(known, request.placement, request.size, true);
    schedule_.failed_lrps.push_back({std::move(auction), std::move(refusal)});
  }

  void DecideTask(TaskAuction auction) {
    const TaskStartRequest& request = *auction.request;
    Known& known = Know(request.placement);
    const auto placed = MayPlace(known, request.size, false)
                            ? pool_.BestForTask(known.candidates, request.size)
                            : std::nullopt;
    if (placed) {
      pool_.PlaceTask(*placed, request.size);
      work_[static_cast<size_t>(*placed)].tasks.push_back(std::move(auction));
      return;
    }
    Refusal refusal = Explain(known, request.placement, request.size, false);
    schedule_.failed_tasks.push_back({std::move(auction), std::move(refusal)});
  }

  Schedule Finish() {
    for (size_t cell = 0; cell < work_.size(); ++cell) {
      CellWork& work = work_[cell];
      if (work.lrps.empty() && work.tasks.empty()) continue;
      work.cell_id = pool_.state(static_cast<int>(cell)).cell_id;
      schedule_.work.push_back(std::move(work));
    }
    return std::move(schedule_);
  }

 private:
  Known& Know(const PlacementConstraint& constraint) {
    const auto found = known_.find(constraint);
    if (found != known_.end()) return found->second;
    return known_.emplace(constraint, Known{pool_.CandidatesFor(constraint), {}}).first->second;
  }
  ProcessSpread& SpreadOf(const LrpStartRequest& request) {
    return spreads_.find(request.process_guid)->second;
  }
  bool LimitReached() const {
    const int64_t most = settings_.starting_container_count_maximum;
    return most > 0 && pool_.starting() >= most;
  }
  bool MayPlace(const Known& known, const WorkloadSize& size, bool is_lrp) const {
    return !LimitReached() && known.candidates.furthest == MatchStep::kAll &&
           known.no_room.count({is_lrp, size.memory_mb, size.disk_mb}) == 0;
  }

  // Why the work was not placed; nothing has been placed since it was tried.
  Refusal Explain(Known& known, const PlacementConstraint& wanted, const WorkloadSize& size,
                  bool is_lrp) {
    Refusal refusal;
    refusal.counts = known.candidates.counts;
    if (pool_.size() == 0) return refusal;  // kNoCells
    if (LimitReached()) {
      refusal.reason = Refusal::Reason::kInFlightLimit;
      refusal.starting = pool_.starting();
      refusal.starting_limit = settings_.starting_container_count_maximum;
      return refusal;
    }
    switch (known.candidates.furthest) {
      case MatchStep::kRootFs: refusal.reason = Refusal::Reason::kRootFs; return refusal;
      case MatchStep::kVolumeDrivers:
        refusal.reason = Refusal::Reason::kVolumeDrivers;
        return refusal;
      case MatchStep::kPlacementTags:
        refusal.reason = Refusal::Reason::kPlacementTags;
        refusal.wanted_tags = wanted.placement_tags;
        return refusal;
      case MatchStep::kAll: break;
    }
    const auto [found, is_new] = known.no_room.try_emplace({is_lrp, size.memory_mb, size.disk_mb});
    if (is_new || found->second.version != pool_.version()) {
      found->second = {pool_.version(), pool_.ExplainNoRoom(known.candidates, size, is_lrp)};
    }
    return found->second.refusal;
  }

  const ScheduleSettings settings_;
  CellPool pool_;
  absl::btree_map<ProcessGuid, ProcessSpread> spreads_;  // of the processes in the batch
  std::map<PlacementConstraint, Known, ByConstraint> known_;
  std::vector<CellWork> work_;  // by cell
  Schedule schedule_;
};

}  // namespace

void CountUnasked(const Unasked& unasked, Refusal* refusal) {
  refusal->counts.unreachable = unasked.unreachable;
  refusal->counts.evacuating = unasked.evacuating;
}

Schedule Decide(std::vector<CellState> cells, Batch batch, const ScheduleSettings& settings,
                const Unasked& unasked) {
  const std::vector<CellState> eligible = Eligible(std::move(cells));
  Round round(eligible, batch, settings);
  OrderedBatch ordered = Order(std::move(batch));
  for (LrpAuction& auction : ordered.first_lrps) round.DecideLrp(std::move(auction));
  for (TaskAuction& auction : ordered.tasks) round.DecideTask(std::move(auction));
  for (LrpAuction& auction : ordered.other_lrps) round.DecideLrp(std::move(auction));
  Schedule schedule = round.Finish();
  for (FailedLrp& one : schedule.failed_lrps) CountUnasked(unasked, &one.refusal);
  for (FailedTask& one : schedule.failed_tasks) CountUnasked(unasked, &one.refusal);
  return schedule;
}

}  // namespace diego::auctioneer
