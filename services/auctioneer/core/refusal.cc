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

PlacementRefusal::Reason ReasonOf(Refusal::Reason reason) {
  switch (reason) {
    case Refusal::Reason::kNoCells: return PlacementRefusal::Reason::kNoCells;
    case Refusal::Reason::kInFlightLimit: return PlacementRefusal::Reason::kInFlightLimit;
    case Refusal::Reason::kRootFs: return PlacementRefusal::Reason::kRootFs;
    case Refusal::Reason::kVolumeDrivers: return PlacementRefusal::Reason::kVolumeDrivers;
    case Refusal::Reason::kPlacementTags: return PlacementRefusal::Reason::kPlacementTags;
    case Refusal::Reason::kNoRoom: return PlacementRefusal::Reason::kNoRoom;
    case Refusal::Reason::kRefusedByCells: return PlacementRefusal::Reason::kHandedBack;
  }
  return PlacementRefusal::Reason::kUnknown;
}

}  // namespace

PlacementRefusal ToPlacementRefusal(const Refusal& refusal) {
  const Refusal::Counts& counts = refusal.counts;
  PlacementRefusal told;
  told.reason = ReasonOf(refusal.reason);
  told.cells_considered = counts.considered;
  told.cells_unreachable = counts.unreachable;
  told.cells_evacuating = counts.evacuating;
  told.cells_without_root_fs = counts.without_root_fs;
  told.cells_without_volume_drivers = counts.without_volume_drivers;
  told.cells_without_placement_tags = counts.without_placement_tags;
  told.cells_short_of_memory = counts.short_of_memory;
  told.cells_short_of_disk = counts.short_of_disk;
  told.cells_short_of_containers = counts.short_of_containers;
  told.memory_needed_mb = refusal.memory_mb.needed;
  told.memory_short_mb = refusal.memory_mb.short_by;
  told.disk_needed_mb = refusal.disk_mb.needed;
  told.disk_short_mb = refusal.disk_mb.short_by;
  told.containers_starting = refusal.starting;
  told.containers_starting_limit = refusal.starting_limit;
  told.times_handed_back = refusal.times_handed_back;
  return told;
}

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
