#include "services/auctioneer/core/cell_pool.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace diego::auctioneer {
namespace {

void AppendList(const std::vector<std::string>& list, std::string* text) {
  absl::StrAppend(text, list.size());
  for (const std::string& one : list) absl::StrAppend(text, ":", one.size(), ":", one);
}

// Equal for cells that are kin. Every text is preceded by its length, so no two ways of cutting it
// read the same.
std::string SignatureOf(const CellState& cell) {
  std::string text =
      absl::StrCat(cell.total.memory_mb, ",", cell.total.disk_mb, ",", cell.total.containers, ",",
                   cell.proxy_memory_allocation_mb, ",", cell.zone.size(), ":", cell.zone, ",");
  for (const auto& [scheme, support] : cell.rootfs_providers) {
    absl::StrAppend(&text, scheme.size(), ":", scheme, support.arbitrary ? "*" : "=");
    AppendList(support.names, &text);
  }
  for (const auto* list :
       {&cell.volume_drivers, &cell.placement_tags, &cell.optional_placement_tags}) {
    absl::StrAppend(&text, "|");
    AppendList(*list, &text);
  }
  return text;
}

Need LrpNeed(const WorkloadSize& size, const CellState& cell) {
  return {int64_t{size.memory_mb} + cell.proxy_memory_allocation_mb, size.disk_mb};
}

Need TaskNeed(const WorkloadSize& size) { return {size.memory_mb, size.disk_mb}; }

// Keeps the smallest.
void NoteShortfall(int64_t needed, int64_t available, Refusal::Shortfall& least) {
  const int64_t short_by = needed - available;
  if (short_by <= 0) return;
  if (least.short_by == 0 || short_by < least.short_by) least = {needed, short_by};
}

}  // namespace

CellPool::CellPool(const std::vector<CellState>& cells, const Weights& weights, bool with_tasks)
    : weights_(weights), with_tasks_(with_tasks) {
  std::set<std::string> zone_names;
  for (const CellState& cell : cells) zone_names.insert(cell.zone);
  std::map<std::string, int> zones;
  for (const std::string& name : zone_names) zones[name] = zone_count_++;

  std::map<std::string, int> kin_by_signature;
  cells_.reserve(cells.size());
  for (const CellState& state : cells) {
    Cell& cell = cells_.emplace_back();
    cell.state = &state;
    cell.available = state.available;
    cell.starting = state.starting_container_count;
    cell.tasks = static_cast<int64_t>(state.tasks.size());
    cell.zone = zones[state.zone];
    const auto [kin, is_new] =
        kin_by_signature.try_emplace(SignatureOf(state), static_cast<int>(kins_.size()));
    if (is_new) {
      kins_.emplace_back();
      kins_.back().sample = &state;
      kins_.back().zone = cell.zone;
    }
    cell.kin = kin->second;
    starting_ += cell.starting;
  }
  RankWithinZones();
  for (size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = cells_[i];
    ComputeLoads(cell);
    Kin& kin = kins_[static_cast<size_t>(cell.kin)];
    kin.by_lrp_load.insert({cell.lrp_load, static_cast<int>(i)});
    if (with_tasks_) kin.by_task_load.insert({cell.task_load, static_cast<int>(i)});
  }
}

void CellPool::RankWithinZones() {
  std::vector<int> order(cells_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return state(a).cell_index < state(b).cell_index; });
  std::vector<int> next(static_cast<size_t>(zone_count_), 0);
  for (const int cell : order) At(cell).rank = next[static_cast<size_t>(At(cell).zone)]++;
}

void CellPool::ComputeLoads(Cell& cell) const {
  const Score load = UsageOf(cell.available, cell.state->total) +
                     Weighted(cell.starting, weights_.starting_container);
  cell.lrp_load = load + Weighted(cell.rank, weights_.bin_pack_first_fit);
  cell.task_load = load + kLocality * cell.tasks;
}

Candidates CellPool::CandidatesFor(const PlacementConstraint& wanted) const {
  Candidates candidates;
  candidates.admits.assign(kins_.size(), false);
  candidates.counts.considered = static_cast<int>(cells_.size());
  std::map<int, std::vector<int>> by_zone;
  for (size_t i = 0; i < kins_.size(); ++i) {
    const Kin& kin = kins_[i];
    const int members = static_cast<int>(kin.by_lrp_load.size());
    const MatchStep step = Match(*kin.sample, wanted);
    candidates.furthest = std::max(candidates.furthest, step);
    switch (step) {
      case MatchStep::kRootFs: candidates.counts.without_root_fs += members; break;
      case MatchStep::kVolumeDrivers: candidates.counts.without_volume_drivers += members; break;
      case MatchStep::kPlacementTags: candidates.counts.without_placement_tags += members; break;
      case MatchStep::kAll:
        candidates.admits[i] = true;
        by_zone[kin.zone].push_back(static_cast<int>(i));
        break;
    }
  }
  for (auto& [zone, kins] : by_zone) {
    candidates.zones.push_back(zone);
    candidates.kins_by_zone.push_back(std::move(kins));
  }
  return candidates;
}

ProcessSpread CellPool::EmptySpread() const {
  ProcessSpread spread;
  spread.instances_by_zone.assign(static_cast<size_t>(zone_count_), 0);
  return spread;
}

void CellPool::AddInstance(int cell, ProcessSpread& spread) const {
  ++spread.instances_by_zone[static_cast<size_t>(At(cell).zone)];
  const int instances = ++spread.instances_by_cell[cell];
  const int kin = At(cell).kin;
  ++spread.cells_by_kin_and_instances[{kin, instances}];
  if (instances == 1) return;
  const auto fewer = spread.cells_by_kin_and_instances.find({kin, instances - 1});
  if (--fewer->second == 0) spread.cells_by_kin_and_instances.erase(fewer);
}

std::optional<int> CellPool::BestForLrp(const Candidates& candidates, const WorkloadSize& size,
                                        const ProcessSpread& spread) {
  zone_order_.clear();
  for (size_t place = 0; place < candidates.zones.size(); ++place) {
    const auto zone = static_cast<size_t>(candidates.zones[place]);
    zone_order_.emplace_back(spread.instances_by_zone[zone], place);
  }
  std::sort(zone_order_.begin(), zone_order_.end());

  std::optional<Best> best;
  for (size_t i = 0; i < zone_order_.size(); ++i) {
    const auto [instances, place] = zone_order_[i];
    for (const int kin : candidates.kins_by_zone[place]) ConsiderKin(kin, size, spread, best);
    const bool more_like_it = i + 1 < zone_order_.size() && zone_order_[i + 1].first == instances;
    if (best && !more_like_it) return best->cell;
  }
  return std::nullopt;
}

void CellPool::ConsiderKin(int number, const WorkloadSize& size, const ProcessSpread& spread,
                           std::optional<Best>& best) {
  Kin& kin = kins_[static_cast<size_t>(number)];
  const Need need = LrpNeed(size, *kin.sample);
  if (kin.no_room.contains({need.memory_mb, need.disk_mb})) return;
  const Score increase = UsageIncrease(kin.sample->total, need);
  int cells_left = static_cast<int>(kin.by_lrp_load.size());
  auto occupied = spread.cells_by_kin_and_instances.lower_bound({number, 0});
  for (auto it = occupied; it != spread.cells_by_kin_and_instances.end(); ++it) {
    if (it->first.first != number) break;
    cells_left -= it->second;
  }
  bool found = false;
  const auto consider = [&](int instances) {
    const std::optional<Best> first = FirstWith(number, instances, need, spread);
    if (!first) return;
    found = true;
    const Best candidate{first->score + increase + kLocality * instances, kin.zone, first->cell};
    if (!best || candidate < *best) best = candidate;
  };
  if (cells_left > 0) consider(0);
  for (; occupied != spread.cells_by_kin_and_instances.end(); ++occupied) {
    const auto [of_kin, instances] = occupied->first;
    if (of_kin != number) break;
    // No part of a score is negative: with so many instances no cell can be better.
    if (best && best->score < kLocality * instances) return;
    consider(instances);
  }
  if (!found) kin.no_room.insert({need.memory_mb, need.disk_mb});
}

// The cell of the kin with the least load among those that run so many instances and have room;
// its score is its load.
std::optional<CellPool::Best> CellPool::FirstWith(int number, int instances, const Need& need,
                                                  const ProcessSpread& spread) const {
  const Kin& kin = kins_[static_cast<size_t>(number)];
  for (const auto& [load, cell] : kin.by_lrp_load) {
    if (ShortOf(At(cell).available, need).any()) continue;
    const auto count = spread.instances_by_cell.find(cell);
    const int has = count == spread.instances_by_cell.end() ? 0 : count->second;
    if (has == instances) return Best{load, kin.zone, cell};
  }
  return std::nullopt;
}

std::optional<int> CellPool::BestForTask(const Candidates& candidates,
                                         const WorkloadSize& size) const {
  const Need need = TaskNeed(size);
  std::optional<Best> best;
  for (const std::vector<int>& kins : candidates.kins_by_zone) {
    for (const int number : kins) {
      const Kin& kin = kins_[static_cast<size_t>(number)];
      const Score increase = UsageIncrease(kin.sample->total, need);
      for (const auto& [load, cell] : kin.by_task_load) {
        const Best candidate{load + increase, kin.zone, cell};
        if (best && *best < candidate) break;
        if (ShortOf(At(cell).available, need).any()) continue;
        best = candidate;
        break;
      }
    }
  }
  if (!best) return std::nullopt;
  return best->cell;
}

void CellPool::PlaceLrp(int cell, const WorkloadSize& size, ProcessSpread& spread) {
  Reserve(cell, LrpNeed(size, state(cell)), 0);
  AddInstance(cell, spread);
}

void CellPool::PlaceTask(int cell, const WorkloadSize& size) { Reserve(cell, TaskNeed(size), 1); }

void CellPool::Reserve(int number, const Need& need, int64_t tasks) {
  Cell& cell = At(number);
  Kin& kin = kins_[static_cast<size_t>(cell.kin)];
  kin.by_lrp_load.erase({cell.lrp_load, number});
  if (with_tasks_) kin.by_task_load.erase({cell.task_load, number});
  cell.available.memory_mb -= need.memory_mb;
  cell.available.disk_mb -= need.disk_mb;
  cell.available.containers -= 1;
  cell.starting += 1;
  cell.tasks += tasks;
  starting_ += 1;
  ++version_;
  ComputeLoads(cell);
  kin.by_lrp_load.insert({cell.lrp_load, number});
  if (with_tasks_) kin.by_task_load.insert({cell.task_load, number});
}

Refusal CellPool::ExplainNoRoom(const Candidates& candidates, const WorkloadSize& size,
                                bool is_lrp) const {
  Refusal refusal;
  refusal.reason = Refusal::Reason::kNoRoom;
  refusal.counts = candidates.counts;
  refusal.common_shortage = {true, true, true};
  for (const Cell& cell : cells_) {
    if (!candidates.admits[static_cast<size_t>(cell.kin)]) continue;
    const Need need = is_lrp ? LrpNeed(size, *cell.state) : TaskNeed(size);
    const Shortage shortage = ShortOf(cell.available, need);
    refusal.counts.short_of_memory += shortage.memory;
    refusal.counts.short_of_disk += shortage.disk;
    refusal.counts.short_of_containers += shortage.containers;
    refusal.common_shortage.memory &= shortage.memory;
    refusal.common_shortage.disk &= shortage.disk;
    refusal.common_shortage.containers &= shortage.containers;
    NoteShortfall(need.memory_mb, cell.available.memory_mb, refusal.memory_mb);
    NoteShortfall(need.disk_mb, cell.available.disk_mb, refusal.disk_mb);
  }
  return refusal;
}

}  // namespace diego::auctioneer
