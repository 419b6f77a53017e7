#include "services/bbs/engine/publisher.h"

#include <iterator>
#include <utility>
#include <vector>

#include "services/bbs/core/event.h"
#include "services/bbs/core/group_event.h"

namespace diego::bbs {

namespace {
constexpr size_t kGroupsPerStep = 4;

template <typename E>
void Append(std::vector<E>* events, std::vector<E> more) {
  events->insert(events->end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}
}  // namespace

void Publisher::Step(absl::Duration patience) {
  for (CommittedGroup& done : committed_->PopSome(kGroupsPerStep, patience)) {
    LetOut(std::move(done));
  }
}

void Publisher::Publish(const CommittedGroup& done) {
  GroupEvents group_events_of(
      [this](const ProcessGuid& guid, int32_t index) { return view_->RowsOf(guid, index); });
  std::vector<Event> events;
  std::vector<GroupEvent> group_events;
  auto next = done.group.changes.begin();
  for (const ExecutedCall& call : done.group.calls) {
    const auto end = next + static_cast<ptrdiff_t>(call.change_count);
    // Events are ordered within one call, never across calls.
    const Changes own(next, end);
    std::vector<Event> of_call = EventsOf(own);
    std::vector<GroupEvent> groups_of_call = group_events_of.Of(own);
    if (!call.trace_id.empty()) {
      SetTraceId(call.trace_id, &of_call);
      SetTraceId(call.trace_id, &groups_of_call);
    }
    Append(&events, std::move(of_call));
    Append(&group_events, std::move(groups_of_call));
    next = end;
  }
  group_hub_->Publish(done.revision, std::move(group_events));
  hub_->Publish(done.revision, std::move(events));
}

void Publisher::LetOut(CommittedGroup done) {
  if (!done.group.changes.empty()) {
    // Who lists at a revision may at once subscribe after it; who gets an event may at once read.
    Publish(done);
    view_->Apply(done.group.changes, done.revision);
    // The hub's step waits for the news of the other one.
    group_hub_->Announce();
    hub_->Announce();
  }
  for (ExecutedCall& call : done.group.calls) {
    if (!call.effects.empty()) after_commit_->Act(std::move(call.effects), call.trace_id);
    call.reply_to(call.reply);
  }
}

}  // namespace diego::bbs
