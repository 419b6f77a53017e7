#include "services/bbs/core/evacuation_rules.h"

#include <utility>

#include "libs/base/random.h"
#include "libs/models/error.h"
#include "services/bbs/core/actual_lrp_rules.h"
#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/auction.h"
#include "services/bbs/core/definitions.h"

namespace diego::bbs {
namespace {

using Rows = State::ActualLrpRows;

bool IsHeld(const ActualLrp& row) {
  return row.state == ActualLrpState::kClaimed || row.state == ActualLrpState::kRunning;
}

// The row of the index that this instance holds; nullptr when none does.
Record<ActualLrp> RowOf(const Rows& rows, const InstanceKey& instance) {
  for (const Record<ActualLrp>& row : rows.by_presence) {
    if (row != nullptr && row->instance == instance) return row;
  }
  return nullptr;
}

void AuctionRow(const Facts& facts, const ActualLrp& row, Outcome* outcome) {
  if (const Record<DesiredLrp> desired = facts.DesiredOf(row.key.process_guid)) {
    Auction(*desired, {WaitingFor(row, *desired)}, outcome);
  }
}

// The row as it waits for a place.
ActualLrp UnclaimedAnew(const Facts& facts, const ActualLrp& row) {
  ActualLrp next = Unclaimed(row, facts.stamp.now);
  Redesignate(facts.DesiredOf(row.key.process_guid).get(), &next);
  return next;
}

void UnclaimAndAuction(const Facts& facts, const Record<ActualLrp>& row, Outcome* outcome) {
  const Record<ActualLrp> unclaimed = MakeRecord(UnclaimedAnew(facts, *row));
  outcome->changes.push_back(MakeChange(row, unclaimed));
  AuctionRow(facts, *unclaimed, outcome);
}

int32_t OrdinaryRunning(const State& state, const ProcessGuid& process_guid) {
  int32_t running = 0;
  const auto& all = state.actual_lrps();
  for (auto it = all.lower_bound({process_guid, 0});
       it != all.end() && it->first.first == process_guid; ++it) {
    const Record<ActualLrp>& row = it->second.ordinary();
    if (row && row->state == ActualLrpState::kRunning) ++running;
  }
  return running;
}

// The container of `instance` need not live: its evacuating row, if it has one, goes.
Outcome DropEvacuating(const Rows& rows, const InstanceKey& instance) {
  Outcome outcome;
  if (rows.evacuating() && rows.evacuating()->instance == instance) {
    outcome.changes.push_back(Disappears(rows.evacuating()));
  }
  return outcome;
}

// The RECREATE strategy: no second instance beside the first, so one is let go only while enough
// others run.
Outcome EvacuateRecreate(const Facts& facts, const DesiredLrp& desired,
                         const Record<ActualLrp>& target) {
  Outcome outcome;
  if (target == nullptr) return outcome;
  if (target->presence != Presence::kOrdinary) {
    outcome.changes.push_back(Disappears(target));
    return outcome;
  }
  if (!IsHeld(*target)) return outcome;
  if (OrdinaryRunning(facts.state, desired.process_guid) >= desired.instances) {
    UnclaimAndAuction(facts, target, &outcome);
  } else {
    outcome.keep_container = true;
  }
  return outcome;
}

// The caller is not (or no longer) the index's instance but runs: it serves on as evacuating until
// the ordinary instance runs, unless another does so already.
Outcome EvacuateBeside(const Facts& facts, const Rows& rows, const InstanceFacts& reported) {
  const Record<ActualLrp>& evacuating = rows.evacuating();
  Outcome outcome;
  if (evacuating && evacuating->instance != reported.instance) return outcome;
  outcome.keep_container = true;
  if (evacuating == nullptr) {
    Random random(facts.stamp.seed);
    outcome.changes.push_back(
        Appears(MakeRecord(NewRunning(reported, Presence::kEvacuating, facts.stamp.now, &random))));
  } else if (!HoldsFacts(*evacuating, reported)) {
    outcome.changes.push_back(Becomes(evacuating, Started(*evacuating, reported, facts.stamp.now)));
  }
  return outcome;
}

// The evacuating row that `target`, ordinary or suspect, becomes.
ActualLrp EvacuatingOf(const Facts& facts, const ActualLrp& target) {
  Random random(facts.stamp.seed);
  ActualLrp moved = WithPresence(target, Presence::kEvacuating);
  moved.state = ActualLrpState::kRunning;
  moved.since = facts.stamp.now;
  moved.tag = {random.Uuid(), 0};
  return moved;
}

// `target` moves to the evacuating row; an ordinary one leaves a row behind that waits for a place.
Outcome EvacuateTarget(const Facts& facts, const Rows& rows, const Record<ActualLrp>& target) {
  Outcome outcome;
  outcome.keep_container = true;
  const bool ordinary = target->presence == Presence::kOrdinary;
  const ActualLrp unclaimed = UnclaimedAnew(facts, *target);
  if (rows.evacuating() && rows.evacuating()->instance == target->instance) {
    // A late claim gave the instance its ordinary row back: only that one is to go.
    outcome.changes.push_back(ordinary ? Becomes(target, unclaimed) : Disappears(target));
  } else {
    if (rows.evacuating()) outcome.changes.push_back(Disappears(rows.evacuating()));
    MovePresence(target, EvacuatingOf(facts, *target), &outcome.changes);
    if (ordinary) outcome.changes.push_back(Appears(MakeRecord(unclaimed)));
  }
  if (ordinary) AuctionRow(facts, unclaimed, &outcome);
  return outcome;
}

}  // namespace

Outcome Decide(const Facts& facts, const EvacuateClaimedActualLrp& command) {
  const Rows rows = facts.RowsOf(command.key.process_guid, command.key.index);
  const Record<ActualLrp> target = RowOf(rows, command.instance);
  if (target == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (target->state == ActualLrpState::kUnclaimed) {
    // A call that names no instance meets the row that no instance holds: nothing is to be taken
    // back, and the caller is not told that its container may go.
    Outcome refusal = Refuse(DiegoError(ErrorType::kActualLRPCannotBeUnclaimed));
    refusal.keep_container = true;
    return refusal;
  }
  Outcome outcome;
  if (target->presence == Presence::kOrdinary) {
    UnclaimAndAuction(facts, target, &outcome);
  } else {
    outcome.changes.push_back(Disappears(target));
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const EvacuateCrashedActualLrp& command) {
  const Rows rows = facts.RowsOf(command.key.process_guid, command.key.index);
  const Record<ActualLrp> target = RowOf(rows, command.instance);
  if (target == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (target->presence == Presence::kOrdinary) {
    return CrashOrdinary(facts, command.key, command.instance, command.reason);
  }
  Outcome outcome;
  outcome.changes.push_back(Disappears(target));
  return outcome;
}

Outcome Decide(const Facts& facts, const EvacuateStoppedActualLrp& command) {
  const Rows rows = facts.RowsOf(command.key.process_guid, command.key.index);
  const Record<ActualLrp> target = RowOf(rows, command.instance);
  // Who names no instance meets a row that waits: nothing stopped there.
  if (target == nullptr || command.instance.empty())
    return Refuse(DiegoError(ErrorType::kResourceNotFound));
  Outcome outcome;
  outcome.changes.push_back(Disappears(target));
  return outcome;
}

Outcome Decide(const Facts& facts, const EvacuateRunningActualLrp& command) {
  const InstanceFacts& reported = command.facts;
  const Rows rows = facts.RowsOf(reported.key.process_guid, reported.key.index);
  const Record<ActualLrp> target = RowOf(rows, reported.instance);
  const Record<ActualLrp>& ordinary = rows.ordinary();
  const bool settled =
      ordinary != nullptr && ordinary != target &&
      (ordinary->state == ActualLrpState::kRunning || ordinary->state == ActualLrpState::kCrashed);
  if (ordinary == nullptr || settled) return DropEvacuating(rows, reported.instance);
  const Record<DesiredLrp> desired = facts.DesiredOf(reported.key.process_guid);
  if (desired == nullptr && facts.state.IsUnreadable(reported.key.process_guid)) {
    // It is wanted, but nothing can be asked to run elsewhere: it stays as long as the cell does.
    Outcome outcome;
    outcome.keep_container = true;
    return outcome;
  }
  if (desired == nullptr) return DropEvacuating(rows, reported.instance);
  if (target == ordinary && StandsBeside(desired.get(), reported.key.index)) {
    // The old instance serves: this one is not needed for as long as another takes to start.
    Outcome outcome;
    if (IsHeld(*target)) UnclaimAndAuction(facts, target, &outcome);
    return outcome;
  }
  if (desired->update_strategy == UpdateStrategy::kRecreate) {
    return EvacuateRecreate(facts, *desired, target);
  }
  if (target == nullptr || target->presence == Presence::kEvacuating) {
    return EvacuateBeside(facts, rows, reported);
  }
  return IsHeld(*target) ? EvacuateTarget(facts, rows, target) : Outcome();
}

Outcome Decide(const Facts& facts, const RemoveEvacuatingActualLrp& command) {
  const Rows rows = facts.RowsOf(command.key.process_guid, command.key.index);
  const Record<ActualLrp>& row = rows.evacuating();
  if (row == nullptr || row->instance != command.instance) {
    return Refuse(DiegoError(ErrorType::kResourceNotFound));
  }
  Outcome outcome;
  outcome.changes.push_back(Disappears(row));
  return outcome;
}

}  // namespace diego::bbs
