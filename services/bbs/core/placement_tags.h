// PlacementTags: which placement tags there are, on cells and in wishes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/models/cell.h"
#include "libs/models/desired_lrp.h"

namespace diego::bbs {

struct PlacementTagCounts {
  int32_t required_by_cells = 0;  // cells that take only work that wants it
  int32_t offered_by_cells = 0;   // cells that have it and take other work too
  int32_t wanted_by_lrps = 0;     // desired LRPs

  friend bool operator==(const PlacementTagCounts&, const PlacementTagCounts&) = default;
};

// Tags are the same whatever their case (design-notes.md section 5), so they are counted under
// lower-case names.
using PlacementTags = std::map<std::string, PlacementTagCounts>;

// A tag that one cell or LRP names twice counts once there.
void CountTags(const CellPresence& cell, PlacementTags* tags);
void CountTags(const DesiredLrp& lrp, PlacementTags* tags);

}  // namespace diego::bbs
