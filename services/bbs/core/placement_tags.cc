#include "services/bbs/core/placement_tags.h"

#include <set>

#include "absl/strings/ascii.h"

namespace diego::bbs {
namespace {

void Count(const std::vector<std::string>& named, int32_t PlacementTagCounts::*counter,
           PlacementTags* tags) {
  std::set<std::string> names;
  for (const std::string& tag : named) names.insert(absl::AsciiStrToLower(tag));
  for (const std::string& name : names) ++((*tags)[name].*counter);
}

}  // namespace

void CountTags(const CellPresence& cell, PlacementTags* tags) {
  Count(cell.placement_tags, &PlacementTagCounts::required_by_cells, tags);
  Count(cell.optional_placement_tags, &PlacementTagCounts::offered_by_cells, tags);
}

void CountTags(const DesiredLrp& lrp, PlacementTags* tags) {
  Count(lrp.placement.placement_tags, &PlacementTagCounts::wanted_by_lrps, tags);
}

}  // namespace diego::bbs
