#include "services/bbs/core/definitions.h"

#include <algorithm>
#include <utility>

namespace diego::bbs {

LrpDefinition ActiveOf(const DesiredLrp& lrp) {
  return {lrp.DefinitionId(), lrp.size,           lrp.placement,
          lrp.image_username, lrp.image_password, lrp.run_info};
}

const LrpDefinition* FindKept(const DesiredLrp& lrp, absl::string_view id) {
  for (const LrpDefinition& kept : lrp.rollout->kept) {
    if (kept.id == id) return &kept;
  }
  return nullptr;
}

bool Knows(const DesiredLrp& lrp, absl::string_view id) {
  return lrp.DefinitionId() == id || FindKept(lrp, id) != nullptr;
}

std::optional<DesiredLrp> WithDefinition(const DesiredLrp& lrp, absl::string_view id) {
  if (lrp.DefinitionId() == id) return lrp;
  const LrpDefinition* kept = FindKept(lrp, id);
  if (kept == nullptr) return std::nullopt;
  DesiredLrp other = lrp;
  Rollout unused;
  Activate(*kept, &other, &unused);
  return other;
}

void Activate(LrpDefinition next, DesiredLrp* lrp, Rollout* rollout) {
  auto& kept = rollout->kept;
  kept.insert(kept.begin(), ActiveOf(*lrp));
  kept.erase(std::remove_if(kept.begin(), kept.end(),
                            [&](const LrpDefinition& one) { return one.id == next.id; }),
             kept.end());
  lrp->definition_id = std::move(next.id);
  lrp->size = next.size;
  lrp->placement = std::move(next.placement);
  lrp->image_username = std::move(next.image_username);
  lrp->image_password = std::move(next.image_password);
  lrp->run_info = std::move(next.run_info);
}

const std::string& DefinitionFor(const DesiredLrp& lrp, int32_t index) {
  const Rollout& rollout = *lrp.rollout;
  if (!rollout.under_way() || rollout.healthy_id.empty() || rollout.index == index) {
    return lrp.DefinitionId();
  }
  return rollout.healthy_id;
}

void Redesignate(const DesiredLrp* lrp, ActualLrp* row) {
  if (lrp != nullptr) row->definition_id = DefinitionFor(*lrp, row->key.index);
}

const std::string& DefinitionOf(const ActualLrp& row, const DesiredLrp& lrp) {
  if (!row.definition_id.empty()) return row.definition_id;
  return Knows(lrp, lrp.tag.epoch) ? lrp.tag.epoch : lrp.DefinitionId();
}

void NoteStopped(const InstanceKey& instance, Rollout* rollout) {
  constexpr size_t kRemembered = 16;
  rollout->stopped.insert(rollout->stopped.begin(), instance.instance_guid);
  if (rollout->stopped.size() > kRemembered) rollout->stopped.resize(kRemembered);
}

bool IsStopped(const DesiredLrp* lrp, const InstanceKey& instance) {
  if (lrp == nullptr || lrp->rollout.empty()) return false;
  const auto& stopped = lrp->rollout->stopped;
  return std::find(stopped.begin(), stopped.end(), instance.instance_guid) != stopped.end();
}

bool StandsBeside(const DesiredLrp* lrp, int32_t index) {
  return lrp != nullptr && lrp->rollout->beside && lrp->rollout->index == index;
}

bool IsRollProgress(const DesiredLrp* before, const DesiredLrp* after) {
  if (before == nullptr || after == nullptr || before->rollout == after->rollout) return false;
  DesiredLrp moved = *before;
  moved.rollout = after->rollout;
  return moved == *after;
}

}  // namespace diego::bbs
