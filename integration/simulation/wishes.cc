#include "integration/simulation/wishes.h"

#include "absl/strings/str_cat.h"
#include "integration/simulation/definitions.h"

namespace diego::simulation {
namespace {

constexpr int64_t kInstancesMost = 3;
const char* const kDomain = "apps";

}  // namespace

std::string Text(const Picture& picture) {
  if (!picture) return "not desired";
  return absl::StrCat(picture->instances, " instances of ",
                      picture->definition.empty() ? "whatever" : picture->definition);
}

LrpWish Wishes::Next(const ProcessGuid& guid, const bbs::Record<DesiredLrp>& stored) {
  const auto instances = static_cast<int32_t>(world_->Below(kInstancesMost + 1));
  if (stored == nullptr) return Desire(guid, instances);
  if (world_->Chance(0.25)) {
    return {"to remove it", bbs::RemoveDesiredLrp{guid}, std::nullopt, std::nullopt};
  }
  if (!rolls_ || world_->Chance(0.4)) return Update(*stored, "", instances);
  switch (world_->Below(6)) {
    case 0: return Cancel(*stored);
    case 1:
      if (!stored->rollout->kept.empty()) return RollBack(*stored);
      [[fallthrough]];
    default: break;
  }
  constexpr Fate kFates[] = {Fate::kGood, Fate::kGood, Fate::kGood, Fate::kCrashing,
                             Fate::kHomeless};
  const Fate fate = kFates[world_->Below(std::size(kFates))];
  return Update(*stored, DefinitionId(fate, ++definitions_),
                world_->Chance(0.3) ? std::optional<int32_t>(instances) : std::nullopt);
}

std::optional<LrpWish> Wishes::Mend(const bbs::Record<DesiredLrp>& stored) {
  if (stored == nullptr || ComesUp(stored->DefinitionId()) || world_->Chance(0.5)) {
    return std::nullopt;
  }
  return Update(*stored, DefinitionId(Fate::kGood, ++definitions_), std::nullopt);
}

LrpWish Wishes::Desire(const ProcessGuid& guid, int32_t instances) {
  // Clients that know nothing of definitions do not name any.
  const bool named = rolls_ && world_->Chance(0.5);
  const LrpDefinition definition =
      MakeDefinition(named ? DefinitionId(Fate::kGood, ++definitions_) : "");
  bbs::DesireLrp desire;
  desire.lrp.process_guid = guid;
  desire.lrp.domain = Domain(kDomain);
  desire.lrp.instances = instances;
  desire.lrp.size = definition.size;
  desire.lrp.placement = definition.placement;
  desire.lrp.run_info = definition.run_info;
  desire.lrp.definition_id = definition.id;
  if (world_->Chance(0.2)) desire.lrp.update_strategy = UpdateStrategy::kRecreate;
  const LrpPicture expected{instances, definition.id};
  return {Text(expected), desire, expected, std::nullopt};
}

LrpWish Wishes::Update(const DesiredLrp& stored, const std::string& definition,
                       std::optional<int32_t> instances) {
  DesiredLrpUpdate update;
  update.instances = instances;
  if (!definition.empty()) update.definition = MakeDefinition(definition);
  const LrpPicture expected{instances.value_or(stored.instances),
                            definition.empty() ? stored.DefinitionId() : definition};
  return {Text(expected), bbs::UpdateDesiredLrp{stored.process_guid, update}, expected,
          std::nullopt};
}

LrpWish Wishes::Cancel(const DesiredLrp& stored) {
  return {absl::StrCat("to cancel the update to ", stored.DefinitionId()),
          bbs::CancelDesiredLrpUpdate{stored.process_guid}, LrpPicture{stored.instances, ""},
          ErrorType::kResourceConflict};  // it is done
}

LrpWish Wishes::RollBack(const DesiredLrp& stored) {
  const auto& kept = stored.rollout->kept;
  const std::string& id = kept[world_->Below(kept.size())].id;
  return {absl::StrCat("to roll back to ", id), bbs::RollBackDesiredLrp{stored.process_guid, id},
          LrpPicture{stored.instances, id}, ErrorType::kResourceNotFound};  // it is no longer kept
}

}  // namespace diego::simulation
