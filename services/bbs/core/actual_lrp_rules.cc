#include "services/bbs/core/actual_lrp_rules.h"

#include <utility>

#include "libs/models/error.h"
#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/auction.h"
#include "services/bbs/core/definitions.h"
#include "services/bbs/core/roll.h"

namespace diego::bbs {
namespace {

using LrpState = ActualLrpState;

bool IsHeldBy(const Record<ActualLrp>& row, const InstanceKey& instance) {
  return row != nullptr && row->instance == instance;
}

// True for the old instance of an index that is being rolled.
bool IsOld(const DesiredLrp* lrp, const State::ActualLrpRows& rows, const InstanceKey& instance) {
  const Record<ActualLrp>& old = rows.evacuating();
  return IsHeldBy(old, instance) && StandsBeside(lrp, old->key.index);
}

// What the state table of section 1 says of a call on the ordinary row.
enum class Verdict { kProceed, kNoChange, kRefuse };

Verdict ClaimVerdict(const ActualLrp& row, const InstanceKey& instance) {
  const bool same = row.instance == instance;
  switch (row.state) {
    case LrpState::kUnclaimed: return Verdict::kProceed;
    case LrpState::kClaimed: return same ? Verdict::kNoChange : Verdict::kRefuse;
    case LrpState::kRunning: return same ? Verdict::kProceed : Verdict::kRefuse;
    case LrpState::kCrashed: return Verdict::kRefuse;
  }
  return Verdict::kRefuse;
}

// A cell that was to run another definition than the row waits for. One that does not say is taken
// at its word, and so is whoever meets a row of a definition that nobody remembers.
bool IsOfOtherDefinition(const ActualLrp& row, const DesiredLrp* lrp, const std::string& reported) {
  if (lrp == nullptr || reported.empty()) return false;
  const std::string& waits_for = DefinitionOf(row, *lrp);
  return reported != waits_for && Knows(*lrp, waits_for);
}

// What the row says once the instance holds it. Cells of the original know the active one only.
std::string HeldDefinition(const ActualLrp& row, const DesiredLrp* lrp, const InstanceKey& instance,
                           const std::string& reported) {
  if (!reported.empty()) return reported;
  if (row.instance == instance || lrp == nullptr) return row.definition_id;
  return lrp->DefinitionId();
}

Verdict StartVerdict(const ActualLrp& row, const InstanceFacts& facts) {
  if (row.key.domain != facts.key.domain) return Verdict::kRefuse;
  switch (row.state) {
    case LrpState::kUnclaimed:
    case LrpState::kClaimed: return Verdict::kProceed;
    case LrpState::kRunning:
      if (row.instance != facts.instance) return Verdict::kRefuse;
      return HoldsFacts(row, facts) ? Verdict::kNoChange : Verdict::kProceed;
    case LrpState::kCrashed: return Verdict::kRefuse;
  }
  return Verdict::kRefuse;
}

// The new instance of an index whose old one serves on. It is gone from here at once: if it were
// waited for its cell to stop it, it could be taken for running meanwhile, the old one be stopped,
// and the index be left without any.
void RetireSuccessor(const Record<DesiredLrp>& lrp, const Record<ActualLrp>& row,
                     Outcome* outcome) {
  Rollout rollout = *lrp->rollout;
  Stop(*row, &rollout, outcome);
  DesiredLrp after = *lrp;
  after.rollout = SharedRollout(std::move(rollout));
  outcome->changes.push_back(Becomes(lrp, std::move(after)));
  outcome->changes.push_back(Disappears(row));
}

}  // namespace

Outcome Decide(const Facts& facts, const ClaimActualLrp& command) {
  const auto rows = facts.state.FindActuals(command.process_guid, command.index);
  const Record<DesiredLrp> lrp = facts.state.FindDesired(command.process_guid);
  if (IsHeldBy(rows.suspect(), command.instance) || IsOld(lrp.get(), rows, command.instance)) {
    return Outcome();
  }
  const Record<ActualLrp>& row = rows.ordinary();
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  Outcome outcome;
  Verdict verdict = ClaimVerdict(*row, command.instance);
  if (IsStopped(lrp.get(), command.instance) ||
      (row->state == LrpState::kUnclaimed &&
       IsOfOtherDefinition(*row, lrp.get(), command.definition_id))) {
    verdict = Verdict::kRefuse;
  }
  switch (verdict) {
    case Verdict::kRefuse: return Refuse(DiegoError(ErrorType::kActualLRPCannotBeClaimed));
    case Verdict::kNoChange: break;
    case Verdict::kProceed: {
      ActualLrp next = Claimed(*row, command.instance, facts.stamp.now);
      next.definition_id = HeldDefinition(*row, lrp.get(), command.instance, command.definition_id);
      outcome.changes.push_back(Becomes(row, std::move(next)));
      break;
    }
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const StartActualLrp& command) {
  const InstanceFacts& reported = command.facts;
  const auto rows = facts.state.FindActuals(reported.key.process_guid, reported.key.index);
  if (IsHeldBy(rows.suspect(), reported.instance)) return Outcome();
  const Record<DesiredLrp> lrp = facts.state.FindDesired(reported.key.process_guid);
  const Record<ActualLrp>& row = rows.ordinary();
  Outcome outcome;
  if (IsOld(lrp.get(), rows, reported.instance)) {
    // It serves on beside its successor; what it reports is kept.
    if (!HoldsFacts(*rows.evacuating(), reported)) {
      outcome.changes.push_back(
          Becomes(rows.evacuating(), Started(*rows.evacuating(), reported, facts.stamp.now)));
    }
    return outcome;
  }
  if (IsStopped(lrp.get(), reported.instance)) {
    return Refuse(DiegoError(ErrorType::kActualLRPCannotBeStarted));
  }
  if (row == nullptr) {
    Random random(facts.stamp.seed);
    ActualLrp running = NewRunning(reported, Presence::kOrdinary, facts.stamp.now, &random);
    if (running.definition_id.empty() && lrp) running.definition_id = lrp->DefinitionId();
    outcome.changes.push_back(Appears(MakeRecord(std::move(running))));
  } else {
    Verdict verdict = StartVerdict(*row, reported);
    // What runs is taken, whichever definition it is of: a roll replaces it in its turn. Only where
    // the old instance of a roll serves it is not needed.
    const bool is_served = rows.evacuating() != nullptr && StandsBeside(lrp.get(), row->key.index);
    if (row->instance != reported.instance && is_served &&
        IsOfOtherDefinition(*row, lrp.get(), reported.definition_id)) {
      verdict = Verdict::kRefuse;
    }
    if (verdict == Verdict::kRefuse) {
      return Refuse(DiegoError(ErrorType::kActualLRPCannotBeStarted));
    }
    if (verdict == Verdict::kProceed) {
      ActualLrp next = Started(*row, reported, facts.stamp.now);
      next.definition_id =
          HeldDefinition(*row, lrp.get(), reported.instance, reported.definition_id);
      outcome.changes.push_back(Becomes(row, std::move(next)));
    }
  }
  // One that stands beside goes when its successor may be sent traffic: roll.h sees to it.
  const bool is_old = StandsBeside(lrp.get(), reported.key.index);
  if (rows.evacuating() && !is_old) outcome.changes.push_back(Disappears(rows.evacuating()));
  if (rows.suspect()) outcome.changes.push_back(Disappears(rows.suspect()));
  return outcome;
}

Outcome CrashOrdinary(const Facts& facts, const ActualLrpKey& key, const InstanceKey& instance,
                      const std::string& reason) {
  const Record<ActualLrp> row = facts.RowsOf(key.process_guid, key.index).ordinary();
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  const bool held = row->state == LrpState::kClaimed || row->state == LrpState::kRunning;
  if (!held || row->instance != instance) {
    return Refuse(DiegoError(ErrorType::kActualLRPCannotBeCrashed));
  }
  const Record<DesiredLrp> desired = facts.DesiredOf(key.process_guid);
  const CrashRules rules = CrashRulesFor(facts.state, desired.get(), row->key.domain);
  ActualLrp crashed = Crashed(*row, reason, rules, facts.stamp.now);
  if (crashed.state == LrpState::kUnclaimed) Redesignate(desired.get(), &crashed);
  Outcome outcome;
  outcome.changes.push_back(ActualLrpChange{
      {row, MakeRecord(std::move(crashed))}, ActualLrpChange::Cause::kCrash, reason});
  return outcome;
}

Outcome Decide(const Facts& facts, const CrashActualLrp& command) {
  const auto rows = facts.RowsOf(command.key.process_guid, command.key.index);
  Outcome outcome;
  if (IsHeldBy(rows.suspect(), command.instance)) {
    outcome.changes.push_back(Disappears(rows.suspect()));
    return outcome;
  }
  outcome = CrashOrdinary(facts, command.key, command.instance, command.reason);
  if (!outcome.status.ok()) return outcome;
  const Record<ActualLrp>& after = std::get<ActualLrpChange>(outcome.changes.front()).after;
  if (after->state != LrpState::kUnclaimed) return outcome;
  const Record<DesiredLrp> desired = facts.DesiredOf(command.key.process_guid);
  if (desired == nullptr) {
    outcome.status = DiegoError(ErrorType::kResourceNotFound);
  } else {
    Auction(*desired, {WaitingFor(*after, *desired)}, &outcome);
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const FailActualLrp& command) {
  const Record<ActualLrp> row =
      facts.state.FindActual({command.key.process_guid, command.key.index});
  Outcome outcome;
  if (row == nullptr) return outcome;
  if (row->state != LrpState::kUnclaimed) {
    return Refuse(DiegoError(ErrorType::kActualLRPCannotBeFailed));
  }
  outcome.changes.push_back(
      ActualLrpChange{{row, MakeRecord(Failed(*row, command, facts.stamp.now))},
                      ActualLrpChange::Cause::kPlain,
                      command.placement_error});
  return outcome;
}

Outcome Decide(const Facts& facts, const RemoveActualLrp& command) {
  const Record<ActualLrp> row = facts.RowsOf(command.process_guid, command.index).ordinary();
  if (row == nullptr || (command.instance && row->instance != *command.instance)) {
    return Refuse(DiegoError(ErrorType::kResourceNotFound));
  }
  Outcome outcome;
  outcome.changes.push_back(Disappears(row));
  return outcome;
}

Outcome Decide(const Facts& facts, const RetireActualLrp& command) {
  const Record<ActualLrp> row =
      facts.RowsOf(command.key.process_guid, command.key.index).ordinary();
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  const Record<DesiredLrp> lrp = facts.DesiredOf(command.key.process_guid);
  Outcome outcome;
  if (StandsBeside(lrp.get(), command.key.index) && !row->instance.empty()) {
    RetireSuccessor(lrp, row, &outcome);
  } else {
    Retire(row, command.live_cells.get(), &outcome);
  }
  return outcome;
}

void CreateUnclaimedRange(const Facts& facts, const DesiredLrp& desired, int32_t from, int32_t to,
                          Random* random, Outcome* outcome) {
  std::vector<Waiting> created;
  for (int32_t index = from; index < to; ++index) {
    if (facts.state.FindActual({desired.process_guid, index})) continue;
    const ActualLrpKey key = {desired.process_guid, index, desired.domain};
    ActualLrp row = NewUnclaimed(key, facts.stamp.now, random);
    Redesignate(&desired, &row);
    created.push_back(WaitingFor(row, desired));
    outcome->changes.push_back(Appears(MakeRecord(std::move(row))));
  }
  Auction(desired, created, outcome);
}

void StopFrom(const Facts& facts, const ProcessGuid& process_guid, int32_t from, Outcome* outcome) {
  const auto& all = facts.state.actual_lrps();
  for (auto it = all.lower_bound({process_guid, from});
       it != all.end() && it->first.first == process_guid; ++it) {
    const State::ActualLrpRows rows = facts.RowsOf(process_guid, it->first.second);
    // No cell counts as missing here: a cell that is not found is skipped when the stop is sent.
    if (rows.ordinary()) Retire(rows.ordinary(), nullptr, outcome);
    if (rows.suspect()) Retire(rows.suspect(), nullptr, outcome);
  }
}

}  // namespace diego::bbs
