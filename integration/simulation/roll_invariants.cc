#include "integration/simulation/roll_invariants.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/bbs/core/definitions.h"

namespace diego::simulation {

void RollInvariants::CheckCommit(const bbs::Changes& changes) {
  ended_.clear();
  std::set<ProcessGuid> touched;
  for (const bbs::Change& change : changes) {
    if (const auto* actual = std::get_if<bbs::ActualLrpChange>(&change)) {
      Take(*actual);
      touched.insert((actual->after ? *actual->after : *actual->before).key.process_guid);
    } else if (const auto* desired = std::get_if<bbs::DesiredLrpChange>(&change)) {
      Take(*desired);
      touched.insert((desired->after ? *desired->after : *desired->before).process_guid);
    }
  }
  for (const ProcessGuid& process_guid : touched) CheckDefinitions(process_guid);
}

void RollInvariants::Take(const bbs::ActualLrpChange& change) {
  const auto runs = [](const bbs::Record<ActualLrp>& row) {
    return row != nullptr && row->state == ActualLrpState::kRunning;
  };
  for (const auto& row : {change.before, change.after}) {
    if (row == nullptr || row->instance.empty()) continue;
    index_of_.emplace(row->instance.instance_guid, Index(row->key.process_guid, row->key.index));
  }
  if (runs(change.before)) {
    const InstanceGuid& instance = change.before->instance.instance_guid;
    running_[{change.before->key.process_guid, change.before->key.index}].erase(instance);
    ended_.insert(instance);
  }
  // The suspect is out of reach: it serves nobody.
  if (runs(change.after) && change.after->presence != Presence::kSuspect) {
    const InstanceGuid& instance = change.after->instance.instance_guid;
    running_[{change.after->key.process_guid, change.after->key.index}].insert(instance);
    ended_.erase(instance);
  }
}

void RollInvariants::Take(const bbs::DesiredLrpChange& change) {
  if (change.after == nullptr) return;
  std::set<std::string>& definitions = definitions_[change.after->process_guid];
  if (change.before == nullptr) definitions.clear();
  definitions.insert(change.after->DefinitionId());
  if (change.before == nullptr) return;
  const std::vector<InstanceGuid>& before = change.before->rollout->stopped;
  for (const InstanceGuid& instance : change.after->rollout->stopped) {
    if (std::find(before.begin(), before.end(), instance) != before.end()) continue;
    told_to_stop_.insert(instance);
    CheckMayStop(change, instance);
  }
}

// The old one is stopped once the new one runs: never does an index lose its last to a roll.
void RollInvariants::CheckMayStop(const bbs::DesiredLrpChange& change,
                                  const InstanceGuid& instance) {
  const auto at = index_of_.find(instance);
  if (at == index_of_.end()) {
    return world_->Fail(absl::StrCat("a roll stops ", instance.value(), ", which nobody knows"));
  }
  const Index& index = at->second;
  const bool wanted = index.second < std::min(change.before->instances, change.after->instances);
  if (!wanted || change.after->update_strategy == UpdateStrategy::kRecreate) return;
  const std::set<InstanceGuid>& running = running_[index];
  const bool ran = running.count(instance) > 0 || ended_.count(instance) > 0;
  const size_t others = running.size() - running.count(instance);
  if (ran && others == 0) {
    world_->Fail(absl::StrCat("a roll stops ", instance.value(), ", the only one that runs of ",
                              index.first.value(), "/", index.second));
  }
}

// What an instance runs or is to run is kept.
void RollInvariants::CheckDefinitions(const ProcessGuid& process_guid) {
  const auto lrp = database_->state().FindDesired(process_guid);
  if (lrp == nullptr) return;
  for (int32_t index = 0; index < lrp->instances; ++index) {
    for (const auto& row : database_->state().FindActuals(process_guid, index).by_presence) {
      if (row == nullptr || bbs::Knows(*lrp, row->definition_id)) continue;
      if (definitions_[process_guid].count(row->definition_id) == 0) continue;
      world_->Fail(absl::StrCat(process_guid.value(), "/", index, " runs ", row->definition_id,
                                ", which is not kept"));
    }
  }
}

}  // namespace diego::simulation
