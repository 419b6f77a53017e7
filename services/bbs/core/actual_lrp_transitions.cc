#include "services/bbs/core/actual_lrp_transitions.h"

#include "services/bbs/core/rows.h"

namespace diego::bbs {
namespace {

constexpr absl::Duration kCrashReset = absl::Minutes(5);

void StoreFacts(const InstanceFacts& facts, ActualLrp* row) {
  row->instance = facts.instance;
  row->net_info = facts.net_info;
  row->internal_routes = facts.internal_routes;
  row->metric_tags = facts.metric_tags;
  row->routable = facts.routable;
  row->availability_zone = facts.availability_zone;
}

}  // namespace

ActualLrp NewUnclaimed(const ActualLrpKey& key, absl::Time now, Random* random) {
  ActualLrp row;
  row.key = key;
  row.state = ActualLrpState::kUnclaimed;
  row.since = now;
  row.tag = {random->Uuid(), 0};
  row.routable = false;
  return row;
}

ActualLrp NewRunning(const InstanceFacts& facts, Presence presence, absl::Time now,
                     Random* random) {
  ActualLrp row;
  row.key = facts.key;
  row.presence = presence;
  row.state = ActualLrpState::kRunning;
  row.since = now;
  row.tag = {random->Uuid(), 0};
  row.definition_id = facts.definition_id;
  StoreFacts(facts, &row);
  return row;
}

ActualLrp Claimed(const ActualLrp& row, const InstanceKey& instance, absl::Time now) {
  ActualLrp next = row;
  next.state = ActualLrpState::kClaimed;
  next.instance = instance;
  next.net_info = NetInfo();
  next.placement_error.clear();
  next.placement_refusal = Opaque();
  next.since = now;
  next.tag = row.tag.Next();
  return next;
}

ActualLrp Started(const ActualLrp& row, const InstanceFacts& facts, absl::Time now) {
  ActualLrp next = row;
  next.state = ActualLrpState::kRunning;
  StoreFacts(facts, &next);
  next.placement_error.clear();
  next.placement_refusal = Opaque();
  next.since = now;
  next.tag = row.tag.Next();
  return next;
}

ActualLrp Crashed(const ActualLrp& row, const std::string& reason, const CrashRules& rules,
                  absl::Time now) {
  ActualLrp next = row;
  const bool ran_long = row.state == ActualLrpState::kRunning && now - row.since > kCrashReset;
  next.crash_count = ran_long ? 1 : row.crash_count + 1;
  next.crash_reason = StoredText(reason);
  next.state = RestartsAtOnce(next.crash_count, rules) ? ActualLrpState::kUnclaimed
                                                       : ActualLrpState::kCrashed;
  next.instance = InstanceKey();
  next.net_info = NetInfo();
  next.since = now;
  next.tag = row.tag.Next();
  return next;
}

ActualLrp Failed(const ActualLrp& row, const FailActualLrp& why, absl::Time now) {
  ActualLrp next = row;
  next.placement_error = StoredText(why.placement_error);
  next.placement_refusal = why.placement_refusal;
  next.since = now;
  next.tag = row.tag.Next();
  return next;
}

ActualLrp Unclaimed(const ActualLrp& row, absl::Time now) {
  ActualLrp next = row;
  next.state = ActualLrpState::kUnclaimed;
  next.instance = InstanceKey();
  next.net_info = NetInfo();
  next.since = now;
  next.tag = row.tag.Next();
  return next;
}

ActualLrp WithPresence(const ActualLrp& row, Presence presence) {
  ActualLrp next = row;
  next.presence = presence;
  return next;
}

bool HoldsFacts(const ActualLrp& row, const InstanceFacts& facts) {
  return row.instance == facts.instance && row.net_info == facts.net_info &&
         row.internal_routes == facts.internal_routes && row.metric_tags == facts.metric_tags &&
         row.routable == facts.routable && row.availability_zone == facts.availability_zone;
}

}  // namespace diego::bbs
