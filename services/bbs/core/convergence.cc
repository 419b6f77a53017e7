#include "services/bbs/core/convergence.h"

#include <cstdint>
#include <memory>
#include <tuple>

#include "services/bbs/core/converge_lrp.h"
#include "services/bbs/core/converge_task.h"

namespace diego::bbs {
namespace {

// What ConvergeCursor::step means.
enum Step : int { kDomains = 0, kLrps = 1, kTasks = 2, kDone = 3 };

void EnterStep(Step step, ConvergeCursor* cursor) {
  cursor->step = step;
  cursor->after.clear();
  cursor->after_index = -1;
  cursor->after_crashing = false;
}

// The indices that are desired or have a row, in key order, from behind the cursor.
class IndexWalk {
 public:
  IndexWalk(const State& state, const ConvergeCursor& cursor)
      : desired_(state.desired_lrps()), actual_(state.actual_lrps()) {
    const ProcessGuid after(cursor.after);
    desired_at_ = desired_.lower_bound(after);
    if (desired_at_ != desired_.end() && desired_at_->first == after) {
      // The greatest index has none behind it, and no LRP wants it.
      index_ = cursor.after_index < INT32_MAX ? cursor.after_index + 1 : INT32_MAX;
    }
    SkipExhausted();
    actual_at_ = actual_.upper_bound({after, cursor.after_index});
  }

  bool AtEnd() const { return desired_at_ == desired_.end() && actual_at_ == actual_.end(); }

  // Calls visit(process_guid, index, rows) and moves on.
  template <typename Visit>
  void Step(const Visit& visit) {
    const bool no_desired = desired_at_ == desired_.end();
    const bool no_actual = actual_at_ == actual_.end();
    const auto desired_key = [&] { return std::tie(desired_at_->first, index_); };
    const auto actual_key = [&] {
      return std::tie(actual_at_->first.first, actual_at_->first.second);
    };
    const bool take_actual = !no_actual && (no_desired || actual_key() <= desired_key());
    const bool take_desired = !no_desired && (no_actual || desired_key() <= actual_key());
    static const State::ActualLrpRows kNone;
    if (take_actual) {
      visit(actual_at_->first.first, actual_at_->first.second, actual_at_->second);
    } else {
      visit(desired_at_->first, index_, kNone);
    }
    if (take_actual) ++actual_at_;
    if (take_desired) {
      ++index_;
      SkipExhausted();
    }
  }

 private:
  void SkipExhausted() {
    while (desired_at_ != desired_.end() && index_ >= desired_at_->second->instances) {
      ++desired_at_;
      index_ = 0;
    }
  }

  const absl::btree_map<ProcessGuid, Record<DesiredLrp>>& desired_;
  const absl::btree_map<State::LrpIndex, State::ActualLrpRows>& actual_;
  absl::btree_map<ProcessGuid, Record<DesiredLrp>>::const_iterator desired_at_;
  absl::btree_map<State::LrpIndex, State::ActualLrpRows>::const_iterator actual_at_;
  int32_t index_ = 0;  // the next one wanted of *desired_at_
};

// Each of these looks at no more than *budget rows, lowers it, and returns true when its step has
// seen every row.

bool PruneDomains(const Facts& facts, ConvergeCursor* cursor, int* budget, Outcome* outcome) {
  const auto& domains = facts.state.domains();
  auto at = cursor->after.empty() ? domains.begin() : domains.upper_bound(Domain(cursor->after));
  for (; at != domains.end(); ++at, --*budget) {
    if (*budget <= 0) return false;
    // One that says how its LRPs restart outlives its freshness: its rows are as good as gone to
    // all that asks for freshness.
    if (at->second->expire_time <= facts.stamp.now && at->second->crash_restart_policy.empty()) {
      outcome->changes.push_back(Disappears(at->second));
    }
    cursor->after = at->first.value();
  }
  return true;
}

bool ConvergeLrps(const Facts& facts, const Converge& command, ConvergeCursor* cursor, int* budget,
                  Outcome* outcome) {
  LrpConverger converger(facts, command, cursor, outcome);
  IndexWalk walk(facts.state, *cursor);
  for (; !walk.AtEnd() && *budget > 0; --*budget) {
    walk.Step([&](const ProcessGuid& guid, int32_t index, const State::ActualLrpRows& rows) {
      converger.VisitIndex(guid, index, rows);
      if (cursor->after != guid.value()) cursor->after = guid.value();
      cursor->after_index = index;
    });
  }
  converger.Flush();
  return walk.AtEnd();
}

bool ConvergeTasks(const Facts& facts, const Converge& command, ConvergeCursor* cursor, int* budget,
                   Outcome* outcome) {
  const auto& tasks = facts.state.tasks();
  auto at = cursor->after.empty() ? tasks.begin() : tasks.upper_bound(TaskGuid(cursor->after));
  for (; at != tasks.end(); ++at, --*budget) {
    if (*budget <= 0) return false;
    ConvergeTask(facts, command, at->second, &cursor->counts, outcome);
    cursor->after = at->first.value();
  }
  return true;
}

}  // namespace

Outcome Decide(const Facts& facts, const Converge& command) {
  Outcome outcome;
  ConvergeCursor cursor = command.cursor;
  int budget = command.row_budget < 1 ? 1 : command.row_budget;  // a slice always moves on
  if (cursor.step == kDomains && PruneDomains(facts, &cursor, &budget, &outcome)) {
    EnterStep(kLrps, &cursor);
  }
  if (cursor.step == kLrps && ConvergeLrps(facts, command, &cursor, &budget, &outcome)) {
    EnterStep(kTasks, &cursor);
  }
  if (cursor.step == kTasks && ConvergeTasks(facts, command, &cursor, &budget, &outcome)) {
    EnterStep(kDone, &cursor);
  }
  if (cursor.step == kDone) {
    outcome.converge_counts = std::make_shared<const ConvergenceCounts>(cursor.counts);
  } else {
    outcome.converge_next = std::move(cursor);
  }
  return outcome;
}

}  // namespace diego::bbs
