#include "services/auctioneer/core/refusal.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::auctioneer {
namespace {

std::string TagsText(const std::vector<std::string>& tags) {
  constexpr char kStart[] = "found no compatible cell with ";
  if (tags.empty()) return absl::StrCat(kStart, "no placement tags");
  std::vector<std::string> quoted;
  quoted.reserve(tags.size());
  for (const std::string& tag : tags) quoted.push_back(absl::StrCat("\"", tag, "\""));
  if (quoted.size() == 1) return absl::StrCat(kStart, "placement tag ", quoted[0]);
  const std::string last = quoted.back();
  quoted.pop_back();
  return absl::StrCat(kStart, "placement tags ", absl::StrJoin(quoted, ", "), " and ", last);
}

std::string ShortageText(const Shortage& shortage) {
  std::vector<std::string> names;
  if (shortage.containers) names.push_back("containers");
  if (shortage.disk) names.push_back("disk");
  if (shortage.memory) names.push_back("memory");
  if (names.empty()) return "insufficient resources";
  return absl::StrCat("insufficient resources: ", absl::StrJoin(names, ", "));
}

}  // namespace

std::string PlacementErrorText(const Refusal& refusal) {
  switch (refusal.reason) {
    case Refusal::Reason::kNoCells: return "unable to communicate to compatible cells";
    case Refusal::Reason::kInFlightLimit:
      return "waiting to start instance: reached in-flight start limit";
    case Refusal::Reason::kRootFs: return "found no compatible cell for required rootfs";
    case Refusal::Reason::kVolumeDrivers:
      return "found no compatible cell with required volume drivers";
    case Refusal::Reason::kPlacementTags: return TagsText(refusal.wanted_tags);
    case Refusal::Reason::kNoRoom: return ShortageText(refusal.common_shortage);
    case Refusal::Reason::kRefusedByCells: return "insufficient resources";
  }
  return "";
}

}  // namespace diego::auctioneer
