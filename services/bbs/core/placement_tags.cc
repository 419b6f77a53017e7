#include "services/bbs/core/placement_tags.h"

#include <set>

namespace diego::bbs {
namespace {

void Count(const std::vector<std::string>& named, int32_t PlacementTagCounts::*counter,
           PlacementTags* tags) {
  for (const std::string& tag : std::set<std::string>(named.begin(), named.end())) {
    ++((*tags)[tag].*counter);
  }
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
