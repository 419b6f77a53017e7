#include "integration/simulation/definitions.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::simulation {
namespace {
const char* const kCrashing = "crashing-";
const char* const kHomeless = "homeless-";
}  // namespace

std::string DefinitionId(Fate fate, int number) {
  switch (fate) {
    case Fate::kCrashing: return absl::StrCat(kCrashing, number);
    case Fate::kHomeless: return absl::StrCat(kHomeless, number);
    case Fate::kGood: break;
  }
  return absl::StrCat("good-", number);
}

Fate FateOf(const std::string& definition_id) {
  if (absl::StartsWith(definition_id, kCrashing)) return Fate::kCrashing;
  if (absl::StartsWith(definition_id, kHomeless)) return Fate::kHomeless;
  return Fate::kGood;
}

LrpDefinition MakeDefinition(const std::string& id) {
  LrpDefinition definition;
  definition.id = id;
  definition.size.memory_mb = 64;
  definition.placement.root_fs =
      FateOf(id) == Fate::kHomeless ? "preloaded:windows" : "preloaded:linux";
  definition.run_info = Opaque(absl::StrCat("runs ", id));
  return definition;
}

bool ShowsItsDefinition(const DesiredLrp& lrp) {
  // That of an LRP which was desired without an id was made without one, too.
  const bool is_first = lrp.DefinitionId() == lrp.tag.epoch;
  const LrpDefinition whole = MakeDefinition(is_first ? "" : lrp.DefinitionId());
  return lrp.size == whole.size && lrp.placement == whole.placement &&
         lrp.run_info == whole.run_info;
}

bool LooksTheSame(const DesiredLrp& a, const DesiredLrp& b) {
  if (a.rollout == b.rollout) return a == b;
  DesiredLrp moved = a;
  moved.rollout = b.rollout;
  return moved == b;
}

}  // namespace diego::simulation
