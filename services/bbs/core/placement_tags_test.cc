#include "services/bbs/core/placement_tags.h"

#include <catch2/catch.hpp>

namespace diego::bbs {

TEST_CASE("placement tags: those of cells and of wishes, each counted once where it is named",
          "[bbs][placement]") {
  CellPresence gpu;
  gpu.placement_tags = {"gpu", "GPU"};
  CellPresence both;
  both.placement_tags = {"Gpu"};
  both.optional_placement_tags = {"ssd", "gpu"};
  DesiredLrp wants;
  wants.placement.placement_tags = {"SSD", "lost"};
  PlacementTags tags;
  for (const CellPresence& cell : {gpu, both, CellPresence()}) CountTags(cell, &tags);
  CountTags(wants, &tags);
  CountTags(wants, &tags);
  CountTags(DesiredLrp(), &tags);
  CHECK(tags == PlacementTags{{"gpu", {2, 1, 0}}, {"lost", {0, 0, 2}}, {"ssd", {0, 1, 2}}});
}

}  // namespace diego::bbs
