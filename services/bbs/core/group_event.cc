#include "services/bbs/core/group_event.h"

#include <algorithm>
#include <utility>

#include "services/bbs/core/definitions.h"

namespace diego::bbs {
namespace {

using LrpState = ActualLrpState;

bool Runs(const Record<ActualLrp>& row) {
  return row != nullptr && row->state == LrpState::kRunning;
}

bool SameRow(const Record<ActualLrp>& a, const Record<ActualLrp>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

ActualLrpGroup SlotOf(Record<ActualLrp> row) {
  ActualLrpGroup group;
  if (row == nullptr) return group;
  (row->presence == Presence::kEvacuating ? group.evacuating : group.instance) = std::move(row);
  return group;
}

// Another run of the index took the slot over from a row of another presence.
bool TakesOver(const ActualLrp& before, const ActualLrp& after) {
  return before.presence != after.presence && before.instance != after.instance &&
         !before.instance.empty() && !after.instance.empty();
}

void AddSlotEvents(const Record<ActualLrp>& before, const Record<ActualLrp>& after,
                   std::vector<GroupEvent>* events) {
  if (SameRow(before, after)) return;
  if (before != nullptr && after != nullptr && TakesOver(*before, *after)) {
    events->push_back(ActualLrpGroupEvent{{}, SlotOf(after)});
    events->push_back(ActualLrpGroupEvent{SlotOf(before), {}});
  } else {
    events->push_back(ActualLrpGroupEvent{SlotOf(before), SlotOf(after)});
  }
}

int Score(const GroupEvent& event) {
  if (std::holds_alternative<ActualLrpCrashedEvent>(event)) return 2;
  const auto* group = std::get_if<ActualLrpGroupEvent>(&event);
  return group != nullptr && Runs(group->after.Resolve()) ? 1 : 0;
}

// Rows as events show them, where that is not as they are stored.
class Shown {
 public:
  void Add(const ActualLrpChange& change) {
    Record<ActualLrp> shown = ShownRow(change);
    if (shown != change.after) rows_.emplace_back(change.after, std::move(shown));
  }
  const Record<ActualLrp>& Of(const Record<ActualLrp>& row) const {
    for (const auto& [stored, shown] : rows_) {
      if (stored == row) return shown;
    }
    return row;
  }

 private:
  std::vector<std::pair<Record<ActualLrp>, Record<ActualLrp>>> rows_;  // few: crashes and failures
};

}  // namespace

const Record<ActualLrp>& ActualLrpGroup::Resolve() const {
  const bool settled = instance != nullptr && (instance->state == LrpState::kRunning ||
                                               instance->state == LrpState::kCrashed);
  return settled || evacuating == nullptr ? instance : evacuating;
}

ActualLrpGroup GroupOf(const State::ActualLrpRows& rows) {
  const Record<ActualLrp>& suspect = rows.suspect();
  const bool suspect_serves =
      Runs(suspect) || (suspect != nullptr && suspect->state == LrpState::kClaimed);
  return {!Runs(rows.ordinary()) && suspect_serves ? suspect : rows.ordinary(), rows.evacuating()};
}

void SetTraceId(const std::string& trace_id, std::vector<GroupEvent>* events) {
  for (GroupEvent& event : *events) {
    if (auto* desired = std::get_if<DesiredLrpEvent>(&event)) desired->trace_id = trace_id;
  }
}

std::vector<GroupEvent> GroupEvents::Of(const Changes& changes) {
  std::vector<GroupEvent> events;
  absl::btree_map<State::LrpIndex, ActualLrpGroup> before;  // of each index that is touched
  Shown shown;
  for (const Change& change : changes) {
    if (const auto* desired = std::get_if<DesiredLrpChange>(&change)) {
      if (!IsRollProgress(desired->before.get(), desired->after.get())) {
        events.push_back(DesiredLrpEvent{*desired});
      }
    }
    const auto* actual = std::get_if<ActualLrpChange>(&change);
    if (actual == nullptr) continue;
    const ActualLrp& row = actual->after ? *actual->after : *actual->before;
    const State::LrpIndex index(row.key.process_guid, row.key.index);
    auto at = seen_.find(index);
    if (at == seen_.end()) at = seen_.emplace(index, rows_before_(index.first, index.second)).first;
    const ActualLrpGroup group = GroupOf(at->second);
    before.try_emplace(index, group);
    shown.Add(*actual);
    if (actual->cause == ActualLrpChange::Cause::kCrash &&
        SameRow(group.instance, actual->before)) {
      events.push_back(CrashedEventOf(*actual));
    }
    at->second.by_presence[static_cast<size_t>(row.presence)] = actual->after;
  }
  for (const auto& [index, group] : before) {
    const ActualLrpGroup after = GroupOf(seen_.at(index));
    AddSlotEvents(group.evacuating, shown.Of(after.evacuating), &events);
    AddSlotEvents(group.instance, shown.Of(after.instance), &events);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const GroupEvent& a, const GroupEvent& b) { return Score(a) > Score(b); });
  return events;
}

}  // namespace diego::bbs
