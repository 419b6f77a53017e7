#include "services/bbs/core/roll.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/roll_rules.h"

namespace diego::bbs {
namespace {

using Rows = State::ActualLrpRows;
using LrpState = ActualLrpState;

// Ids are drawn from another place than those that the rule itself draws.
constexpr uint64_t kSeedOfRolls = 0x726f6c6c696e6700;

bool IsHeld(const ActualLrp& row) {
  return row.state == LrpState::kClaimed || row.state == LrpState::kRunning;
}

// Takes what a change left into the rows of its index.
void Take(const ActualLrpChange& change, const State& state, TouchedRows* touched) {
  const ActualLrpSlot slot = SlotOf(change.after ? *change.after : *change.before);
  auto at = touched->find(slot.index);
  if (at == touched->end()) {
    at = touched->emplace(slot.index, state.FindActuals(slot.process_guid, slot.index)).first;
  }
  at->second.by_presence[static_cast<size_t>(slot.presence)] = change.after;
}

}  // namespace

void Append(Outcome more, Outcome* outcome) {
  std::move(more.changes.begin(), more.changes.end(), std::back_inserter(outcome->changes));
  std::move(more.effects.begin(), more.effects.end(), std::back_inserter(outcome->effects));
}

void Prepend(Outcome earlier, Outcome* outcome) {
  outcome->changes.insert(outcome->changes.begin(),
                          std::make_move_iterator(earlier.changes.begin()),
                          std::make_move_iterator(earlier.changes.end()));
  outcome->effects.insert(outcome->effects.begin(),
                          std::make_move_iterator(earlier.effects.begin()),
                          std::make_move_iterator(earlier.effects.end()));
}

void Stop(const ActualLrp& row, Rollout* rollout, Outcome* outcome) {
  outcome->effects.push_back(StopInstance{row.key, row.instance});
  NoteStopped(row.instance, rollout);
}

void TakeRowsBack(Rows* rows, Rollout* rollout, Outcome* outcome) {
  const Record<ActualLrp> old = rows->evacuating();
  const Record<ActualLrp> successor = rows->ordinary();
  if (old == nullptr) return;
  if (successor != nullptr) {
    if (IsHeld(*successor)) Stop(*successor, rollout, outcome);
    outcome->changes.push_back(Disappears(successor));
  }
  MovePresence(old, WithPresence(*old, Presence::kOrdinary), &outcome->changes);
  rows->by_presence[0] = std::get<ActualLrpChange>(outcome->changes.back()).after;
  rows->by_presence[1] = nullptr;
}

void DropUnused(const std::set<std::string>& used, Rollout* rollout) {
  size_t spare = 0;
  auto& kept = rollout->kept;
  kept.erase(std::remove_if(kept.begin(), kept.end(),
                            [&](const LrpDefinition& one) {
                              return used.count(one.id) == 0 && ++spare > kKeptForRollBack;
                            }),
             kept.end());
}

RollChanges::RollChanges(const State& state, const Changes& changes) : state_(state) {
  for (const Change& change : changes) {
    if (const auto* desired = std::get_if<DesiredLrpChange>(&change)) {
      const ProcessGuid& guid = (desired->after ? *desired->after : *desired->before).process_guid;
      const bool grew =
          desired->before && desired->after && TakeRowsOfMore(*desired->before, *desired->after);
      const bool rolls = desired->after && desired->after->rollout->under_way();
      if (!grew && !rolls && state.rolling().count(guid) == 0 && desired_.count(guid) == 0) {
        continue;
      }
      desired_[guid] = desired->after;
      rows_[guid];
    } else if (const auto* actual = std::get_if<ActualLrpChange>(&change)) {
      const ProcessGuid& guid = (actual->after ? *actual->after : *actual->before).key.process_guid;
      const Record<DesiredLrp> lrp = DesiredOf(guid);
      const bool has_others = lrp != nullptr && !lrp->rollout->kept.empty();
      if (has_others || desired_.count(guid)) Take(*actual, state, &rows_[guid]);
    }
  }
}

// Rows of indices that are wanted again: their instances were told to stop, and may not have heard.
bool RollChanges::TakeRowsOfMore(const DesiredLrp& before, const DesiredLrp& after) {
  if (after.instances <= before.instances || after.rollout->kept.empty()) return false;
  const auto& all = state_.actual_lrps();
  TouchedRows found;
  for (auto it = all.lower_bound({after.process_guid, before.instances});
       it != all.end() && it->first.first == after.process_guid &&
       it->first.second < after.instances;
       ++it) {
    found[it->first.second] = it->second;
  }
  if (found.empty()) return false;
  rows_[after.process_guid].merge(found);
  return true;
}

std::vector<ProcessGuid> RollChanges::processes() const {
  std::vector<ProcessGuid> guids;
  for (const auto& [guid, rows] : rows_) guids.push_back(guid);
  return guids;
}

Record<DesiredLrp> RollChanges::DesiredOf(const ProcessGuid& process_guid) const {
  const auto found = desired_.find(process_guid);
  return found != desired_.end() ? found->second : state_.FindDesired(process_guid);
}

std::string StrayDefinition(const DesiredLrp& lrp, const TouchedRows& touched) {
  for (const auto& [index, rows] : touched) {
    const Record<ActualLrp>& row = rows.ordinary();
    if (row == nullptr || index >= lrp.instances) continue;
    const bool waits_or_runs =
        row->state == LrpState::kRunning || row->state == LrpState::kUnclaimed;
    if (!waits_or_runs) continue;
    const std::string& id = DefinitionOf(*row, lrp);
    const auto& kept = lrp.rollout->kept;
    if (id == lrp.DefinitionId() || kept.empty()) continue;
    return FindKept(lrp, id) != nullptr ? id : kept.front().id;
  }
  return "";
}

Roll::Roll(const Facts& facts, Record<DesiredLrp> lrp, TouchedRows touched, Outcome* outcome)
    : facts_(facts),
      before_(std::move(lrp)),
      lrp_(*before_),
      active_(lrp_.DefinitionId()),
      rollout_(*lrp_.rollout),
      touched_(std::move(touched)),
      outcome_(outcome),
      random_(facts.stamp.seed ^ kSeedOfRolls) {}

void Roll::Go() {
  while (true) {
    if (rollout_.index && IsAtIndex()) break;
    if (!BeginNext()) break;
  }
  if (!rollout_.index && !pending_) Finish();
  if (!rollout_.healthy_id.empty() && rollout_.healthy_id != active_) KeepToHealthy();
  Commit();
}

void Roll::KeepToHealthy() {
  for (int32_t index = 0; index < lrp_.instances; ++index) {
    const Row row = RowsOf(index).ordinary();
    if (rollout_.index == index || row == nullptr || row->state != LrpState::kUnclaimed) continue;
    if (DefinitionOf(*row, lrp_) != rollout_.healthy_id) Restart(row, rollout_.healthy_id);
  }
}

bool Roll::IsAtIndex() {
  const int32_t index = *rollout_.index;
  Rows rows = RowsOf(index);
  const Row ordinary = rows.ordinary();
  const Row old = rollout_.beside ? rows.evacuating() : nullptr;
  if (index >= lrp_.instances) {  // scaled away; the ordinary row has been seen to
    if (old != nullptr) StopAndRemove(old);
    LeaveIndex();
    return false;
  }
  if (Runs(ordinary)) {
    rollout_.healthy_id = active_;
    if (old != nullptr) StopAndRemove(old);
    LeaveIndex();
    return false;
  }
  if (rollout_.beside && old == nullptr) {
    // Gone without a word: what the index restarts with has to be known to run.
    LeaveIndex();
    const bool is_safe = rollout_.healthy_id.empty() || rollout_.healthy_id == active_;
    if (!is_safe && ordinary != nullptr && IsActive(ordinary)) {
      Restart(ordinary, rollout_.healthy_id);
    }
    return false;
  }
  if (ordinary != nullptr && ordinary->state == LrpState::kRunning && !IsActive(ordinary)) {
    // Another instance got in; the roll begins anew with that one.
    if (old != nullptr) StopAndRemove(old);
    LeaveIndex();
    return false;
  }
  const bool is_late = facts_.stamp.now - rollout_.index_since >= kGiveIndexUpAfter;
  if (rollout_.healthy_id == active_ && is_late) {
    GiveUp(index, &rows);
    return false;
  }
  if (ordinary == nullptr) {
    Create(index, active_);
  } else if (!IsActive(ordinary)) {
    Restart(ordinary, active_);
  }
  return true;
}

bool Roll::BeginNext() {
  pending_ = false;
  for (int32_t index = 0; index < lrp_.instances; ++index) {
    if (Begin(index, RowsOf(index))) return true;
  }
  return false;
}

// True when the roll now stands at the index.
bool Roll::Begin(int32_t index, const Rows& rows) {
  const Row& row = rows.ordinary();
  // A suspect may come back with what it ran.
  if (row != nullptr && IsActive(row) && !rows.suspect()) return false;
  if (row == nullptr || rows.evacuating() || rows.suspect() || IsGivenUp(index)) {
    pending_ = true;
    return false;
  }
  const bool runs = row->state == LrpState::kRunning;
  if (runs && lrp_.update_strategy == UpdateStrategy::kRolling) {
    BeginBeside(index, rows);
    return true;
  }
  // It has run, and may run still: a late claim takes a start back, until the cell says it again.
  // Or it starts anew after its end, which is soon over, one way or the other.
  if (row->state == LrpState::kClaimed && row->routable == true) {
    pending_ = true;
    return false;
  }
  const bool is_safe = rollout_.healthy_id.empty() || rollout_.healthy_id == active_;
  if (!runs && is_safe) {
    Restart(row, active_);
    return false;
  }
  // Nothing is lost by trying where nothing comes up; RECREATE wants no second one beside the
  // first. What is about to start with what it had is waited for.
  const bool is_down = row->state == LrpState::kCrashed ||
                       (row->state == LrpState::kUnclaimed && !row->placement_error.empty());
  if (!runs && !is_down) {
    pending_ = true;
    return false;
  }
  Restart(row, active_);
  rollout_.index = index;
  rollout_.beside = false;
  rollout_.index_since = facts_.stamp.now;
  return true;
}

void Roll::BeginBeside(int32_t index, Rows rows) {
  MovePresence(rows.ordinary(), WithPresence(*rows.ordinary(), Presence::kEvacuating),
               &outcome_->changes);
  rows.by_presence[1] = std::get<ActualLrpChange>(outcome_->changes.back()).after;
  rows.by_presence[0] = nullptr;
  touched_[index] = rows;
  Create(index, active_);
  rollout_.index = index;
  rollout_.beside = true;
  rollout_.index_since = facts_.stamp.now;
}

void Roll::GiveUp(int32_t index, Rows* rows) {
  if (rollout_.beside) {
    TakeRowsBack(rows, &rollout_, outcome_);
    touched_[index] = *rows;
  }
  auto& given_up = rollout_.given_up;
  given_up.erase(std::remove_if(given_up.begin(), given_up.end(),
                                [&](const GivenUpIndex& one) { return one.index == index; }),
                 given_up.end());
  given_up.push_back({index, facts_.stamp.now});
  LeaveIndex();
}

void Roll::Finish() {
  rollout_.base_id.clear();
  rollout_.given_up.clear();
  if (!rollout_.healthy_id.empty()) rollout_.healthy_id = active_;
  // Instances that are still to stop run what they run.
  std::set<std::string> used;
  const auto& all = facts_.state.actual_lrps();
  for (auto it = all.lower_bound({lrp_.process_guid, 0});
       it != all.end() && it->first.first == lrp_.process_guid; ++it) {
    for (const Row& row : RowsOf(it->first.second).by_presence) {
      if (row != nullptr) used.insert(DefinitionOf(*row, lrp_));
    }
  }
  DropUnused(used, &rollout_);
}

void Roll::Commit() {
  Auction(lrp_, waiting_, outcome_);
  if (rollout_ == *lrp_.rollout) return;
  DesiredLrp after = lrp_;
  after.rollout = SharedRollout(std::move(rollout_));
  outcome_->changes.push_back(Becomes(before_, std::move(after)));
}

Rows Roll::RowsOf(int32_t index) const {
  const auto at = touched_.find(index);
  return at != touched_.end() ? at->second : facts_.state.FindActuals(lrp_.process_guid, index);
}

bool Roll::Runs(const Row& row) const {
  return row != nullptr && row->state == LrpState::kRunning && IsActive(row) &&
         row->routable.value_or(true);
}

bool Roll::IsActive(const Row& row) const { return DefinitionOf(*row, lrp_) == active_; }

bool Roll::IsGivenUp(int32_t index) const {
  return std::any_of(rollout_.given_up.begin(), rollout_.given_up.end(),
                     [&](const GivenUpIndex& one) {
                       return one.index == index && facts_.stamp.now - one.at < kRetryIndexAfter;
                     });
}

void Roll::LeaveIndex() {
  rollout_.index.reset();
  rollout_.beside = false;
}

void Roll::Restart(const Row& row, const std::string& definition_id) {
  if (IsHeld(*row)) Stop(*row, &rollout_, outcome_);
  ActualLrp next = Unclaimed(*row, facts_.stamp.now);
  next.definition_id = definition_id;
  next.crash_count = 0;
  next.placement_error.clear();
  next.placement_refusal = Opaque();
  const Row after = MakeRecord(std::move(next));
  outcome_->changes.push_back(MakeChange(row, after));
  Rows rows = RowsOf(row->key.index);
  rows.by_presence[0] = after;
  touched_[row->key.index] = rows;
  waiting_.push_back(WaitingFor(*after, lrp_));
}

void Roll::Create(int32_t index, const std::string& definition_id) {
  ActualLrp row = NewUnclaimed({lrp_.process_guid, index, lrp_.domain}, facts_.stamp.now, &random_);
  row.definition_id = definition_id;
  const Row created = MakeRecord(std::move(row));
  outcome_->changes.push_back(Appears(created));
  Rows rows = RowsOf(index);
  rows.by_presence[0] = created;
  touched_[index] = rows;
  waiting_.push_back(WaitingFor(*created, lrp_));
}

void Roll::StopAndRemove(const Row& row) {
  Stop(*row, &rollout_, outcome_);
  outcome_->changes.push_back(Disappears(row));
  Rows rows = RowsOf(row->key.index);
  rows.by_presence[static_cast<size_t>(row->presence)] = nullptr;
  touched_[row->key.index] = rows;
}

}  // namespace diego::bbs
