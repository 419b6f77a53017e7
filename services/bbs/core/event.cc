#include "services/bbs/core/event.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "libs/base/check.h"
#include "services/bbs/core/definitions.h"

namespace diego::bbs {
namespace {

using Cause = ActualLrpChange::Cause;

// The two halves of presence moves, paired as they come.
class Moves {
 public:
  // The changed event, once both halves were seen.
  std::optional<ActualLrpInstanceEvent> Add(const ActualLrpChange& half) {
    const ActualLrp& row = half.after ? *half.after : *half.before;
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
      const ActualLrp& other = (*it)->after ? *(*it)->after : *(*it)->before;
      if (other.key != row.key || other.instance != row.instance) continue;
      const Record<ActualLrp> before = half.before ? half.before : (*it)->before;
      const Record<ActualLrp> after = half.after ? half.after : (*it)->after;
      waiting_.erase(it);
      return ActualLrpInstanceEvent{{before, after}};
    }
    waiting_.push_back(&half);
    return std::nullopt;
  }
  bool AllPaired() const { return waiting_.empty(); }

 private:
  std::vector<const ActualLrpChange*> waiting_;
};

void AddActualLrpEvents(const ActualLrpChange& change, std::vector<Event>* events) {
  const Record<ActualLrp> after = ShownRow(change);
  if (change.cause == Cause::kCrash) events->push_back(CrashedEventOf(change));
  const bool unclaimed = change.before && after &&
                         change.before->state != ActualLrpState::kUnclaimed &&
                         after->state == ActualLrpState::kUnclaimed;
  if (unclaimed) {
    events->push_back(ActualLrpInstanceEvent{{nullptr, after}});
    events->push_back(ActualLrpInstanceEvent{{change.before, nullptr}});
  } else {
    events->push_back(ActualLrpInstanceEvent{{change.before, after}});
  }
}

bool Runs(const Record<ActualLrp>& row) {
  return row != nullptr && row->state == ActualLrpState::kRunning;
}

int Score(const Event& event) {
  if (std::holds_alternative<ActualLrpCrashedEvent>(event)) return 2;
  const auto* instance = std::get_if<ActualLrpInstanceEvent>(&event);
  return instance != nullptr && Runs(instance->after) ? 1 : 0;
}

// By score. An instance that leaves a row and comes to run in it once more (a roll goes on with it)
// is told to leave first: readers know a row by its instance.
void Sort(std::vector<Event>* events) {
  if (events->size() < 2) return;                          // most commands
  std::set<std::pair<ActualLrpSlot, InstanceGuid>> comes;  // later than the event at hand
  std::vector<std::pair<int, Event>> scored(events->size());
  for (size_t i = events->size(); i-- > 0;) {
    Event& event = (*events)[i];
    int score = Score(event);
    if (const auto* instance = std::get_if<ActualLrpInstanceEvent>(&event)) {
      const Record<ActualLrp>& before = instance->before;
      const Record<ActualLrp>& after = instance->after;
      if (Runs(after)) comes.emplace(SlotOf(*after), after->instance.instance_guid);
      const bool again = after == nullptr && !comes.empty() &&
                         comes.count({SlotOf(*before), before->instance.instance_guid}) > 0;
      if (again) score = 1;
    }
    scored[i] = {score, std::move(event)};
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; i < scored.size(); ++i) (*events)[i] = std::move(scored[i].second);
}

}  // namespace

Record<ActualLrp> ShownRow(const ActualLrpChange& change) {
  const std::string ActualLrp::*field =
      change.cause == Cause::kCrash ? &ActualLrp::crash_reason : &ActualLrp::placement_error;
  if (change.after == nullptr || change.uncut_reason.empty() ||
      (*change.after).*field == change.uncut_reason) {
    return change.after;
  }
  ActualLrp uncut = *change.after;
  (change.cause == Cause::kCrash ? uncut.crash_reason : uncut.placement_error) =
      change.uncut_reason;
  return std::make_shared<const ActualLrp>(std::move(uncut));
}

ActualLrpCrashedEvent CrashedEventOf(const ActualLrpChange& crash) {
  return {crash.after->key, crash.before->instance, crash.after->crash_count, crash.uncut_reason,
          crash.after->since};
}

void SetTraceId(const std::string& trace_id, std::vector<Event>* events) {
  for (Event& event : *events) {
    if (auto* desired = std::get_if<DesiredLrpEvent>(&event)) desired->trace_id = trace_id;
    if (auto* instance = std::get_if<ActualLrpInstanceEvent>(&event)) instance->trace_id = trace_id;
  }
}

std::vector<Event> EventsOf(const Changes& changes) {
  std::vector<Event> events;
  Moves moves;
  for (const Change& change : changes) {
    if (const auto* desired = std::get_if<DesiredLrpChange>(&change)) {
      if (!IsRollProgress(desired->before.get(), desired->after.get()))
        events.push_back(DesiredLrpEvent{*desired});
    } else if (const auto* task = std::get_if<TaskChange>(&change)) {
      events.push_back(TaskEvent{*task});
    } else if (const auto* actual = std::get_if<ActualLrpChange>(&change)) {
      if (actual->cause != Cause::kPresenceMove) {
        AddActualLrpEvents(*actual, &events);
      } else if (auto moved = moves.Add(*actual)) {
        events.push_back(*std::move(moved));
      }
    }
  }
  DIEGO_CHECK(moves.AllPaired());
  Sort(&events);
  return events;
}

}  // namespace diego::bbs
