#include "services/bbs/core/convergence.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "services/bbs/core/converge_lrp.h"
#include "services/bbs/core/converge_task.h"
#include "services/bbs/core/request_memory.h"

namespace diego::bbs {
namespace {

// What ConvergeCursor::step means.
enum Step : int {
  kDomains = 0,
  kRolls,          // under way: looked at by RollOn, after the slice
  kUnsettledLrps,  // indices where something is to mend, or will be
  kAbsentCells,    // settled instances whose cell has gone
  kOpenTasks,      // tasks that do not run
  kLostTasks,      // tasks that ran on a cell that has gone
  kDone
};

void EnterStep(Step step, const State& state, ConvergeCursor* cursor) {
  cursor->step = step;
  cursor->cell.clear();
  cursor->after.clear();
  cursor->after_index = -1;
  cursor->after_crashing = false;
  ConvergenceCounts& counts = cursor->counts;
  if (step == kUnsettledLrps) {
    const auto ordinary = [&](ActualLrpState s) { return state.CountOf(Presence::kOrdinary, s); };
    const auto suspect = [&](ActualLrpState s) { return state.CountOf(Presence::kSuspect, s); };
    counts.lrps_desired = state.desired_instances();
    counts.lrps_unclaimed = ordinary(ActualLrpState::kUnclaimed);
    counts.lrps_claimed = ordinary(ActualLrpState::kClaimed);
    counts.lrps_running = ordinary(ActualLrpState::kRunning);
    counts.lrps_crashed = ordinary(ActualLrpState::kCrashed);
    counts.suspect_running = suspect(ActualLrpState::kRunning);
    counts.suspect_claimed = suspect(ActualLrpState::kClaimed);
  } else if (step == kOpenTasks) {
    counts.tasks_running = static_cast<int64_t>(state.tasks().size() - state.open_tasks().size());
  }
}

// Each of these looks at no more than *budget rows, lowers it, and returns true when its step has
// seen every row.

bool PruneDomains(const Facts& facts, ConvergeCursor* cursor, int* budget, Outcome* outcome) {
  const auto& domains = facts.state.domains();
  auto at = cursor->after.empty() ? domains.begin() : domains.upper_bound(Domain(cursor->after));
  for (; at != domains.end(); ++at, --*budget) {
    if (*budget <= 0) return false;
    // One that says how its LRPs restart outlives its freshness: its rows are as good as gone to
    // all that asks for freshness.
    if (at->second->expire_time > facts.stamp.now) {
      ++cursor->counts.fresh_domains;
    } else if (at->second->crash_restart_policy.empty()) {
      outcome->changes.push_back(Disappears(at->second));
    }
    cursor->after = at->first.value();
  }
  return true;
}

// A roll looks at every index of its LRP.
bool ConvergeRolls(const Facts& facts, ConvergeCursor* cursor, int* budget, Outcome* outcome) {
  const auto& rolling = facts.state.rolling();
  for (auto at = rolling.upper_bound(ProcessGuid(cursor->after)); at != rolling.end(); ++at) {
    if (*budget <= 0) return false;
    const Record<DesiredLrp> lrp = facts.state.FindDesired(*at);
    *budget -= 1 + (lrp != nullptr ? lrp->instances : 0);
    outcome->rolls.push_back(*at);
    cursor->after = at->value();
  }
  return true;
}

bool ConvergeUnsettled(const Facts& facts, LrpConverger* converger, ConvergeCursor* cursor,
                       int* budget) {
  const auto& unsettled = facts.state.unsettled_lrps();
  auto at = unsettled.upper_bound({ProcessGuid(cursor->after), cursor->after_index});
  for (; at != unsettled.end(); ++at, --*budget) {
    if (*budget <= 0) return false;
    converger->VisitIndex(at->first, at->second, facts.state.FindActuals(at->first, at->second));
    if (cursor->after != at->first.value()) cursor->after = at->first.value();
    cursor->after_index = at->second;
  }
  return true;
}

// Walks what the cells that are known to be absent hold, by `table`: calls enter() once for each,
// and visit(key), which moves the cursor, for each key from first(keys) on.
template <typename Table, typename First, typename Enter, typename Visit>
bool WalkAbsentCells(const Table& table, const Converge& command, const First& first,
                     const Enter& enter, const Visit& visit, ConvergeCursor* cursor, int* budget) {
  if (command.live_cells == nullptr || command.losses_held) return true;
  for (auto at = table.lower_bound(CellId(cursor->cell)); at != table.end(); ++at) {
    if (cursor->cell != at->first.value()) {  // else the last slice ended in it
      if (*budget <= 0) return false;
      --*budget;
      cursor->cell = at->first.value();
      cursor->after.clear();
      cursor->after_index = -1;
    }
    if (!command.IsAbsent(at->first)) continue;
    if (cursor->after.empty()) enter();
    for (auto key = first(at->second); key != at->second.end(); ++key, --*budget) {
      if (*budget < 0) return false;
      visit(*key);
    }
  }
  return true;
}

// The indices that were settled, so that nothing but their cell's absence is to be mended.
bool ConvergeAbsentCells(const Facts& facts, const Converge& command, LrpConverger* converger,
                         ConvergeCursor* cursor, int* budget) {
  using Slots = absl::btree_set<ActualLrpSlot>;
  return WalkAbsentCells(
      facts.state.actuals_by_cell(), command,
      [&](const Slots& slots) {
        return cursor->after.empty() ? slots.begin()
                                     : slots.upper_bound({ProcessGuid(cursor->after),
                                                          cursor->after_index, Presence::kSuspect});
      },
      [&] { ++cursor->counts.suspect_cells; },
      [&](const ActualLrpSlot& slot) {
        const State::LrpIndex index(slot.process_guid, slot.index);
        if (facts.state.unsettled_lrps().count(index) == 0) {
          converger->VisitIndex(slot.process_guid, slot.index,
                                facts.state.FindActuals(slot.process_guid, slot.index));
        }
        cursor->after = slot.process_guid.value();
        cursor->after_index = slot.index;
      },
      cursor, budget);
}

bool ConvergeLrps(const Facts& facts, const Converge& command, ConvergeCursor* cursor, int* budget,
                  Outcome* outcome) {
  LrpConverger converger(facts, command, cursor, outcome);
  if (cursor->step == kUnsettledLrps && ConvergeUnsettled(facts, &converger, cursor, budget)) {
    converger.Flush();
    EnterStep(kAbsentCells, facts.state, cursor);
  }
  const bool done = cursor->step == kAbsentCells &&
                    ConvergeAbsentCells(facts, command, &converger, cursor, budget);
  converger.Flush();
  return done;
}

bool ConvergeOpenTasks(const Facts& facts, const Converge& command, ConvergeCursor* cursor,
                       int* budget, Outcome* outcome) {
  const auto& open = facts.state.open_tasks();
  for (auto at = open.upper_bound(TaskGuid(cursor->after)); at != open.end(); ++at, --*budget) {
    if (*budget <= 0) return false;
    ConvergeTask(facts, command, facts.state.FindTask(*at), &cursor->counts, outcome);
    cursor->after = at->value();
  }
  return true;
}

bool ConvergeLostTasks(const Facts& facts, const Converge& command, ConvergeCursor* cursor,
                       int* budget, Outcome* outcome) {
  using Guids = absl::btree_set<TaskGuid>;
  return WalkAbsentCells(
      facts.state.tasks_by_cell(), command,
      [&](const Guids& guids) { return guids.upper_bound(TaskGuid(cursor->after)); }, [] {},
      [&](const TaskGuid& guid) {
        ConvergeTask(facts, command, facts.state.FindTask(guid), &cursor->counts, outcome);
        cursor->after = guid.value();
      },
      cursor, budget);
}

}  // namespace

Outcome Decide(const Facts& facts, const Converge& command) {
  Outcome outcome;
  const State& state = facts.state;
  ConvergeCursor cursor = command.cursor;
  int budget = command.row_budget < 1 ? 1 : command.row_budget;  // a slice always moves on
  if (cursor.step == kDomains && cursor.after.empty()) {
    ForgetAnsweredCalls(facts, budget, "", &outcome.changes);
  }
  if (cursor.step == kDomains && PruneDomains(facts, &cursor, &budget, &outcome)) {
    EnterStep(kRolls, state, &cursor);
  }
  if (cursor.step == kRolls && ConvergeRolls(facts, &cursor, &budget, &outcome)) {
    EnterStep(kUnsettledLrps, state, &cursor);
  }
  if ((cursor.step == kUnsettledLrps || cursor.step == kAbsentCells) &&
      ConvergeLrps(facts, command, &cursor, &budget, &outcome)) {
    EnterStep(kOpenTasks, state, &cursor);
  }
  if (cursor.step == kOpenTasks && ConvergeOpenTasks(facts, command, &cursor, &budget, &outcome)) {
    EnterStep(kLostTasks, state, &cursor);
  }
  if (cursor.step == kLostTasks && ConvergeLostTasks(facts, command, &cursor, &budget, &outcome)) {
    EnterStep(kDone, state, &cursor);
  }
  if (cursor.step == kDone) {
    outcome.converge_counts = std::make_shared<const ConvergenceCounts>(cursor.counts);
  } else {
    outcome.converge_next = std::move(cursor);
  }
  return outcome;
}

}  // namespace diego::bbs
