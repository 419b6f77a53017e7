#include "services/bbs/engine/publisher.h"

#include <iterator>
#include <utility>
#include <vector>

#include "services/bbs/core/event.h"

namespace diego::bbs {

namespace {
constexpr size_t kGroupsPerStep = 4;

std::vector<Event> EventsOfGroup(const Group& group) {
  std::vector<Event> events;
  auto next = group.changes.begin();
  for (const ExecutedCall& call : group.calls) {
    const auto end = next + static_cast<ptrdiff_t>(call.change_count);
    // Events are ordered within one call, never across calls.
    std::vector<Event> own = EventsOf(Changes(next, end));
    if (!call.trace_id.empty()) SetTraceId(call.trace_id, &own);
    events.insert(events.end(), std::make_move_iterator(own.begin()),
                  std::make_move_iterator(own.end()));
    next = end;
  }
  return events;
}
}  // namespace

void Publisher::Step(absl::Duration patience) {
  for (CommittedGroup& done : committed_->PopSome(kGroupsPerStep, patience)) {
    LetOut(std::move(done));
  }
}

void Publisher::LetOut(CommittedGroup done) {
  if (!done.group.changes.empty()) {
    // The hub first: who lists at a revision may at once subscribe after it.
    hub_->Publish(done.revision, EventsOfGroup(done.group));
    view_->Apply(done.group.changes, done.revision);
  }
  for (ExecutedCall& call : done.group.calls) {
    if (!call.effects.empty()) after_commit_->Act(std::move(call.effects));
    call.reply_to(call.reply);
  }
}

}  // namespace diego::bbs
