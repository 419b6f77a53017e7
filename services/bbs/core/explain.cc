#include "services/bbs/core/explain.h"

#include <algorithm>
#include <utility>

namespace diego::bbs {
namespace {

Explanation ExplainRow(const Record<DesiredLrp>& desired, const CrashRestartPolicy& of_domain,
                       bool is_complete, const Record<ActualLrp>& row) {
  Explanation explanation;
  explanation.index = row->key.index;
  explanation.instance = row;
  const bool is_kept = desired != nullptr && (row->key.index < desired->instances || !is_complete);
  if (!is_kept) {
    explanation.waiting = WaitsFor::kForStop;
  } else if (row->presence != Presence::kOrdinary) {
    explanation.waiting = WaitsFor::kForReplacement;
  } else if (row->state == ActualLrpState::kUnclaimed) {
    explanation.waiting = WaitsFor::kForPlace;
  } else if (row->state == ActualLrpState::kClaimed) {
    explanation.waiting = WaitsFor::kForCell;
  } else if (row->state == ActualLrpState::kCrashed) {
    const CrashRules rules = CrashRulesFor(of_domain, desired->crash_restart_policy);
    explanation.restart_due_at = RestartDueAt(*row, rules);
    explanation.waiting = explanation.restart_due_at == absl::InfiniteFuture()
                              ? WaitsFor::kForEver
                              : WaitsFor::kForRestart;
  }
  return explanation;
}

}  // namespace

std::vector<Explanation> Explain(const Record<DesiredLrp>& desired,
                                 const CrashRestartPolicy& of_domain, bool is_complete,
                                 std::vector<Record<ActualLrp>> rows, std::optional<int32_t> only) {
  std::sort(rows.begin(), rows.end(), [](const Record<ActualLrp>& a, const Record<ActualLrp>& b) {
    return SlotOf(*a) < SlotOf(*b);
  });
  std::vector<Explanation> explanations;
  int32_t next = 0;  // the first desired index that has not been seen
  const auto add_missing = [&](int32_t end) {
    for (; desired != nullptr && next < std::min(end, desired->instances); ++next) {
      if (only && *only != next) continue;
      Explanation& missing = explanations.emplace_back();
      missing.index = next;
      missing.waiting = WaitsFor::kForRecord;
    }
    next = std::max(next, end);
  };
  for (const Record<ActualLrp>& row : rows) {
    add_missing(row->key.index);
    next = std::max(next, row->key.index + 1);
    if (only && *only != row->key.index) continue;
    explanations.push_back(ExplainRow(desired, of_domain, is_complete, row));
  }
  if (desired != nullptr) add_missing(desired->instances);
  return explanations;
}

}  // namespace diego::bbs
