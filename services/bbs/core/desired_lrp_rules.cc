#include "services/bbs/core/desired_lrp_rules.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/actual_lrp_rules.h"
#include "services/bbs/core/internal_routes.h"
#include "services/bbs/core/roll.h"
#include "services/bbs/core/roll_rules.h"

namespace diego::bbs {
namespace {

DesiredLrp Updated(const DesiredLrp& before, const DesiredLrpUpdate& update) {
  DesiredLrp after = before;
  after.tag = before.tag.Next();
  if (update.instances) after.instances = *update.instances;
  if (update.routes) after.routes = *update.routes;
  if (update.annotation) after.annotation = *update.annotation;
  if (update.metric_tags) after.metric_tags = *update.metric_tags;
  if (update.image_username) after.image_username = *update.image_username;
  if (update.image_password) after.image_password = *update.image_password;
  if (update.crash_restart_policy) after.crash_restart_policy = *update.crash_restart_policy;
  return after;
}

// Begins to roll to the definition. Saying again what the active one says is no update of it: the
// answer to the first call may have been lost.
absl::Status Define(const LrpDefinition& definition, Facts* facts, DesiredLrp* lrp,
                    Outcome* outcome) {
  if (!Knows(*lrp, definition.id)) return StartRoll(definition, facts, lrp, outcome);
  if (ActiveOf(*lrp) == definition) return absl::OkStatus();
  return DiegoError(ErrorType::kResourceExists,
                    absl::StrCat("definition_id: \"", definition.id,
                                 "\" is taken; roll back to it, or choose another id"));
}

// Routes without an internal-router entry count as changed too: so says the reference.
bool InternalRoutesChanged(const DesiredLrp& before, const DesiredLrpUpdate& update) {
  if (!update.routes) return false;
  const auto old_entry = before.routes.find(kInternalRouter);
  const auto new_entry = update.routes->find(kInternalRouter);
  const bool had = old_entry != before.routes.end();
  const bool has = new_entry != update.routes->end();
  if (!had && !has) return true;
  return had != has || old_entry->second != new_entry->second;
}

// Tells every cell that holds an instance of the LRP what changed for it.
void UpdateInstances(const State& state, const DesiredLrp& before, const DesiredLrp& after,
                     bool routes_changed, bool tags_changed, Outcome* outcome) {
  const std::vector<std::string> hostnames = InternalRouteHostnames(after.routes);
  const auto tell = [&](const Record<ActualLrp>& row) {
    if (row == nullptr ||
        (row->state != ActualLrpState::kClaimed && row->state != ActualLrpState::kRunning)) {
      return;
    }
    LrpInstanceUpdate update;
    update.key = row->key;
    update.instance = row->instance;
    update.has_internal_routes = routes_changed;
    if (routes_changed) update.internal_routes = hostnames;
    update.has_metric_tags = tags_changed;
    if (tags_changed) update.metric_tags = ResolvedMetricTags(after.metric_tags, *row);
    outcome->effects.push_back(UpdateInstance{std::move(update)});
  };
  const auto& all = state.actual_lrps();
  for (auto it = all.lower_bound({after.process_guid, 0});
       it != all.end() && it->first.first == after.process_guid; ++it) {
    tell(it->second.ordinary());
    tell(it->second.suspect());
    if (StandsBeside(&before, it->first.second)) tell(it->second.evacuating());
  }
}

}  // namespace

Outcome Decide(const Facts& facts, const DesireLrp& command) {
  if (facts.state.FindDesired(command.lrp.process_guid)) {
    return Refuse(DiegoError(ErrorType::kResourceExists));
  }
  Random random(facts.stamp.seed);
  DesiredLrp lrp = command.lrp;
  lrp.tag = {random.Uuid(), 0};
  Outcome outcome;
  outcome.changes.push_back(Appears(MakeRecord(lrp)));
  CreateUnclaimedRange(facts, lrp, 0, lrp.instances, &random, &outcome);
  return outcome;
}

Outcome Decide(const Facts& facts, const UpdateDesiredLrp& command) {
  const Record<DesiredLrp> before = facts.state.FindDesired(command.process_guid);
  if (before == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (absl::Status at_tag = CheckTag(*before, command.expected_tag); !at_tag.ok()) {
    return Refuse(std::move(at_tag));
  }
  DesiredLrp rolled = *before;
  Facts since = facts;
  Outcome interrupted;
  if (command.update.definition) {
    if (absl::Status status = Define(*command.update.definition, &since, &rolled, &interrupted);
        !status.ok()) {
      return Refuse(std::move(status));
    }
  }
  const DesiredLrp after = Updated(rolled, command.update);
  Outcome outcome;
  outcome.changes.push_back(Becomes(before, after));
  Append(std::move(interrupted), &outcome);
  Random random(facts.stamp.seed);
  if (after.instances > before->instances) {
    CreateUnclaimedRange(since, after, before->instances, after.instances, &random, &outcome);
  } else if (after.instances < before->instances) {
    StopFrom(since, after.process_guid, after.instances, &outcome);
  }
  const bool routes_changed = InternalRoutesChanged(*before, command.update);
  const bool tags_changed = after.metric_tags != before->metric_tags;
  if (routes_changed || tags_changed) {
    UpdateInstances(facts.state, *before, after, routes_changed, tags_changed, &outcome);
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const RemoveDesiredLrp& command) {
  Record<DesiredLrp> before = facts.state.FindDesired(command.process_guid);
  Outcome outcome;
  if (before == nullptr && facts.state.IsUnreadable(command.process_guid)) {
    if (command.expected_tag) {
      return Refuse(DiegoError(
          ErrorType::kResourceConflict,
          absl::StrCat("desired LRP ", command.process_guid.value(),
                       " cannot be read, and so its modification tag is not known; remove it "
                       "without expecting one")));
    }
    // What cannot be read can be removed: a record of its key overwrites it, and goes.
    DesiredLrp stand_in;
    stand_in.process_guid = command.process_guid;
    before = MakeRecord(std::move(stand_in));
    outcome.changes.push_back(Appears(before));
  }
  if (before == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (absl::Status at_tag = CheckTag(*before, command.expected_tag); !at_tag.ok()) {
    return Refuse(std::move(at_tag));
  }
  outcome.changes.push_back(Disappears(before));
  StopFrom(facts, command.process_guid, 0, &outcome);
  if (before->rollout->beside) {
    // Its cell removes the row, as nobody else knows any more that it does not evacuate.
    const int32_t index = before->rollout->index.value_or(0);
    const auto old = facts.state.FindActuals(command.process_guid, index).evacuating();
    if (old != nullptr) outcome.effects.push_back(StopInstance{old->key, old->instance});
  }
  return outcome;
}

}  // namespace diego::bbs
