#include "services/cfdot/render/groups.h"

#include <deque>
#include <optional>

#include "libs/wire/json.h"
#include "proto/models/events.pb.h"

namespace diego::cfdot {
namespace {

using IndexKey = std::pair<std::string, int32_t>;

// How strongly a record claims the instance slot.
int Claim(const models::ActualLRP& lrp) {
  const bool suspect = lrp.presence() == models::ActualLRP::SUSPECT;
  if (!suspect) return lrp.state() == "RUNNING" ? 3 : 1;
  return lrp.state() == "RUNNING" || lrp.state() == "CLAIMED" ? 2 : 0;
}

IndexKey KeyOf(const models::ActualLRP& lrp) {
  return {lrp.actual_lrp_key().process_guid(), lrp.actual_lrp_key().index()};
}

models::ActualLRPGroup GroupOf(const models::ActualLRP& lrp) {
  models::ActualLRPGroup group;
  *(lrp.presence() == models::ActualLRP::EVACUATING ? group.mutable_evacuating()
                                                    : group.mutable_instance()) = lrp;
  return group;
}

models::ActualLRP Whole(const models::ActualLRPInstanceChangedEvent& event,
                        const models::ActualLRPInfo& info) {
  models::ActualLRP lrp;
  *lrp.mutable_actual_lrp_key() = event.actual_lrp_key();
  *lrp.mutable_actual_lrp_instance_key() = event.actual_lrp_instance_key();
  *lrp.mutable_actual_lrp_net_info() = info.actual_lrp_net_info();
  lrp.set_crash_count(info.crash_count());
  lrp.set_crash_reason(info.crash_reason());
  lrp.set_state(info.state());
  lrp.set_placement_error(info.placement_error());
  lrp.set_since(info.since());
  *lrp.mutable_modification_tag() = info.modification_tag();
  lrp.set_presence(info.presence());
  if (info.optional_routable_case() == models::ActualLRPInfo::kRoutable) {
    lrp.set_routable(info.routable());
  }
  lrp.set_availability_zone(info.availability_zone());
  return lrp;
}

bool SameTag(const models::ActualLRP& a, const models::ActualLRP& b) {
  return a.modification_tag().epoch() == b.modification_tag().epoch() &&
         a.modification_tag().index() == b.modification_tag().index();
}

// Copies what events of changes leave out.
void CopyUntold(const models::ActualLRP& from, models::ActualLRP* to) {
  *to->mutable_actual_lrp_internal_routes() = from.actual_lrp_internal_routes();
  *to->mutable_metric_tags() = from.metric_tags();
}

// True when the change is a report of a running instance: the one kind that may change what events
// leave out.
bool IsReport(const models::ActualLRP& before, const models::ActualLRP& after) {
  return after.state() == "RUNNING" && before.presence() == after.presence() &&
         !SameTag(before, after);
}

bool SameInstance(const models::ActualLRPGroup& group, const models::ActualLRP& lrp) {
  const models::ActualLRP& shown = group.has_instance() ? group.instance() : group.evacuating();
  return shown.actual_lrp_instance_key().instance_guid() ==
             lrp.actual_lrp_instance_key().instance_guid() &&
         shown.modification_tag().epoch() == lrp.modification_tag().epoch();
}

// The slots of a revision, before and after, in the order first seen.
class Slots {
 public:
  // `lrp` may be told of after its successor: an instance that is unclaimed comes and goes so.
  void Goes(const models::ActualLRP& lrp) {
    GroupEvent& slot = SlotOf(lrp);
    if (slot.has_after && SameInstance(slot.after, lrp)) {
      slot.has_after = false;  // came within this revision: nobody saw it
    } else if (!slot.has_before) {
      slot.has_before = true;
      slot.before = GroupOf(lrp);
    }
  }
  void Comes(const models::ActualLRP& lrp) {
    GroupEvent& slot = SlotOf(lrp);
    slot.has_after = true;
    slot.after = GroupOf(lrp);
  }
  void Changes(const models::ActualLRP& before, const models::ActualLRP& after) {
    const bool moves = &SlotOf(before) != &SlotOf(after);
    if (moves || !SlotOf(before).has_after) Goes(before);
    Comes(after);
  }
  std::vector<GroupEvent> Events() && {
    std::vector<GroupEvent> events;
    for (GroupEvent& slot : slots_) {
      if (slot.has_before || slot.has_after) events.push_back(std::move(slot));
    }
    return events;
  }

 private:
  GroupEvent& SlotOf(const models::ActualLRP& lrp) {
    const auto key = std::make_pair(KeyOf(lrp), lrp.presence() == models::ActualLRP::EVACUATING);
    const auto [found, inserted] = positions_.try_emplace(key, slots_.size());
    if (inserted) slots_.emplace_back();  // a deque: references stay good
    return slots_[found->second];
  }

  std::map<std::pair<IndexKey, bool>, size_t> positions_;
  std::deque<GroupEvent> slots_;
};

}  // namespace

std::vector<models::ActualLRPGroup> GroupsOf(absl::Span<const models::ActualLRP> lrps) {
  std::map<IndexKey, models::ActualLRPGroup> groups;
  for (const models::ActualLRP& lrp : lrps) {
    models::ActualLRPGroup& group = groups[KeyOf(lrp)];
    if (lrp.presence() == models::ActualLRP::EVACUATING) {
      *group.mutable_evacuating() = lrp;
    } else if (!group.has_instance() || Claim(lrp) > Claim(group.instance())) {
      *group.mutable_instance() = lrp;
    }
  }
  std::vector<models::ActualLRPGroup> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

std::string GroupEvent::name() const {
  if (!has_before) return "actual_lrp_created";
  return has_after ? "actual_lrp_changed" : "actual_lrp_removed";
}

std::string GroupEvent::json() const {
  if (has_before && has_after) {
    models::ActualLRPChangedEvent event;
    *event.mutable_before() = before;
    *event.mutable_after() = after;
    return wire::ToJson(event);
  }
  if (has_after) {
    models::ActualLRPCreatedEvent event;
    *event.mutable_actual_lrp_group() = after;
    return wire::ToJson(event);
  }
  models::ActualLRPRemovedEvent event;
  *event.mutable_actual_lrp_group() = before;
  return wire::ToJson(event);
}

GroupEvents::Row GroupEvents::RowOf(const models::ActualLRP& lrp) {
  return {lrp.actual_lrp_key().process_guid(), lrp.actual_lrp_key().index(), lrp.presence()};
}

void GroupEvents::Created(const models::ActualLRP& lrp) {
  if (lrp.actual_lrp_internal_routes().empty() && lrp.metric_tags().empty()) {
    known_.erase(RowOf(lrp));
    return;
  }
  models::ActualLRP& known = known_[RowOf(lrp)];
  *known.mutable_modification_tag() = lrp.modification_tag();
  CopyUntold(lrp, &known);
}

void GroupEvents::Removed(const models::ActualLRP& lrp) {
  const auto known = known_.find(RowOf(lrp));
  if (known == known_.end()) return;
  // Its successor in the row may have been told of before.
  const models::ModificationTag& tag = known->second.modification_tag();
  if (tag.epoch() == lrp.modification_tag().epoch() &&
      tag.index() <= lrp.modification_tag().index()) {
    known_.erase(known);
  }
}

void GroupEvents::Changed(models::ActualLRP* before, models::ActualLRP* after) {
  const auto found = known_.find(RowOf(*before));
  // With another tag it is news of another time: a change in between was not told.
  if (found == known_.end() || !SameTag(found->second, *before)) return;
  models::ActualLRP known = std::move(found->second);
  known_.erase(found);
  CopyUntold(known, before);
  if (IsReport(*before, *after)) return;
  CopyUntold(known, after);
  *known.mutable_modification_tag() = after->modification_tag();
  known_[RowOf(*after)] = std::move(known);
}

std::vector<GroupEvent> GroupEvents::Of(absl::Span<const SubscribeResponse> revision) {
  Slots slots;
  for (const SubscribeResponse& response : revision) {
    if (response.has_actual_lrp_instance_created()) {
      Created(response.actual_lrp_instance_created().actual_lrp());
      slots.Comes(response.actual_lrp_instance_created().actual_lrp());
    } else if (response.has_actual_lrp_instance_removed()) {
      Removed(response.actual_lrp_instance_removed().actual_lrp());
      slots.Goes(response.actual_lrp_instance_removed().actual_lrp());
    } else if (response.has_actual_lrp_instance_changed()) {
      const auto& changed = response.actual_lrp_instance_changed();
      models::ActualLRP before = Whole(changed, changed.before());
      models::ActualLRP after = Whole(changed, changed.after());
      Changed(&before, &after);
      slots.Changes(before, after);
    }
  }
  return std::move(slots).Events();
}

}  // namespace diego::cfdot
