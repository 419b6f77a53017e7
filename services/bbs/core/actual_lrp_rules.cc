#include "services/bbs/core/actual_lrp_rules.h"

#include <utility>

#include "libs/models/error.h"
#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/auction.h"

namespace diego::bbs {
namespace {

using LrpState = ActualLrpState;

bool IsHeldBy(const Record<ActualLrp>& row, const InstanceKey& instance) {
  return row != nullptr && row->instance == instance;
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

}  // namespace

Outcome Decide(const Facts& facts, const ClaimActualLrp& command) {
  const auto rows = facts.state.FindActuals(command.process_guid, command.index);
  if (IsHeldBy(rows.suspect(), command.instance)) return Outcome();
  const Record<ActualLrp>& row = rows.ordinary();
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  Outcome outcome;
  switch (ClaimVerdict(*row, command.instance)) {
    case Verdict::kRefuse: return Refuse(DiegoError(ErrorType::kActualLRPCannotBeClaimed));
    case Verdict::kNoChange: break;
    case Verdict::kProceed:
      outcome.changes.push_back(Becomes(row, Claimed(*row, command.instance, facts.stamp.now)));
      break;
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const StartActualLrp& command) {
  const InstanceFacts& reported = command.facts;
  const auto rows = facts.state.FindActuals(reported.key.process_guid, reported.key.index);
  if (IsHeldBy(rows.suspect(), reported.instance)) return Outcome();
  const Record<ActualLrp>& row = rows.ordinary();
  Outcome outcome;
  if (row == nullptr) {
    Random random(facts.stamp.seed);
    outcome.changes.push_back(
        Appears(MakeRecord(NewRunning(reported, Presence::kOrdinary, facts.stamp.now, &random))));
  } else {
    const Verdict verdict = StartVerdict(*row, reported);
    if (verdict == Verdict::kRefuse) {
      return Refuse(DiegoError(ErrorType::kActualLRPCannotBeStarted));
    }
    if (verdict == Verdict::kProceed) {
      outcome.changes.push_back(Becomes(row, Started(*row, reported, facts.stamp.now)));
    }
  }
  if (rows.evacuating()) outcome.changes.push_back(Disappears(rows.evacuating()));
  if (rows.suspect()) outcome.changes.push_back(Disappears(rows.suspect()));
  return outcome;
}

Outcome CrashOrdinary(const Facts& facts, const ActualLrpKey& key, const InstanceKey& instance,
                      const std::string& reason) {
  const Record<ActualLrp> row = facts.state.FindActual({key.process_guid, key.index});
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  const bool held = row->state == LrpState::kClaimed || row->state == LrpState::kRunning;
  if (!held || row->instance != instance) {
    return Refuse(DiegoError(ErrorType::kActualLRPCannotBeCrashed));
  }
  const Record<DesiredLrp> desired = facts.state.FindDesired(key.process_guid);
  const CrashRules rules = CrashRulesFor(facts.state, desired.get(), row->key.domain);
  Outcome outcome;
  outcome.changes.push_back(
      ActualLrpChange{{row, MakeRecord(Crashed(*row, reason, rules, facts.stamp.now))},
                      ActualLrpChange::Cause::kCrash,
                      reason});
  return outcome;
}

Outcome Decide(const Facts& facts, const CrashActualLrp& command) {
  const auto rows = facts.state.FindActuals(command.key.process_guid, command.key.index);
  Outcome outcome;
  if (IsHeldBy(rows.suspect(), command.instance)) {
    outcome.changes.push_back(Disappears(rows.suspect()));
    return outcome;
  }
  outcome = CrashOrdinary(facts, command.key, command.instance, command.reason);
  if (!outcome.status.ok()) return outcome;
  const Record<ActualLrp>& after = std::get<ActualLrpChange>(outcome.changes.front()).after;
  if (after->state != LrpState::kUnclaimed) return outcome;
  const Record<DesiredLrp> desired = facts.state.FindDesired(command.key.process_guid);
  if (desired == nullptr) {
    outcome.status = DiegoError(ErrorType::kResourceNotFound);
  } else {
    Auction(*desired, {command.key.index}, &outcome);
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
      ActualLrpChange{{row, MakeRecord(Failed(*row, command.placement_error, facts.stamp.now))},
                      ActualLrpChange::Cause::kPlain,
                      command.placement_error});
  return outcome;
}

Outcome Decide(const Facts& facts, const RemoveActualLrp& command) {
  const Record<ActualLrp> row = facts.state.FindActual({command.process_guid, command.index});
  if (row == nullptr || (command.instance && row->instance != *command.instance)) {
    return Refuse(DiegoError(ErrorType::kResourceNotFound));
  }
  Outcome outcome;
  outcome.changes.push_back(Disappears(row));
  return outcome;
}

Outcome Decide(const Facts& facts, const RetireActualLrp& command) {
  const Record<ActualLrp> row =
      facts.state.FindActual({command.key.process_guid, command.key.index});
  if (row == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  Outcome outcome;
  Retire(row, command.live_cells.get(), &outcome);
  return outcome;
}

void CreateUnclaimedRange(const Facts& facts, const DesiredLrp& desired, int32_t from, int32_t to,
                          Random* random, Outcome* outcome) {
  std::vector<int32_t> created;
  for (int32_t index = from; index < to; ++index) {
    if (facts.state.FindActual({desired.process_guid, index})) continue;
    const ActualLrpKey key = {desired.process_guid, index, desired.domain};
    outcome->changes.push_back(Appears(MakeRecord(NewUnclaimed(key, facts.stamp.now, random))));
    created.push_back(index);
  }
  Auction(desired, std::move(created), outcome);
}

void StopFrom(const State& state, const ProcessGuid& process_guid, int32_t from, Outcome* outcome) {
  const auto& all = state.actual_lrps();
  for (auto it = all.lower_bound({process_guid, from});
       it != all.end() && it->first.first == process_guid; ++it) {
    // No cell counts as missing here: a cell that is not found is skipped when the stop is sent.
    if (it->second.ordinary()) Retire(it->second.ordinary(), nullptr, outcome);
    if (it->second.suspect()) Retire(it->second.suspect(), nullptr, outcome);
  }
}

}  // namespace diego::bbs
