#include "services/auctioneer/core/fit.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace diego::auctioneer {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("fit: root file systems by scheme and name", "[auctioneer][fit]") {
  CellState cell;
  cell.rootfs_providers["preloaded"] = {false, {"cflinuxfs3", "cflinuxfs4"}};
  cell.rootfs_providers["preloaded+layer"] = {false, {"cflinuxfs4"}};
  cell.rootfs_providers["docker"] = {true, {}};
  const std::vector<std::pair<std::string, bool>> rows = {
      {"preloaded:cflinuxfs4", true},
      {"PRELOADED:cflinuxfs4", true},
      {"preloaded:windows", false},
      {"preloaded:", false},
      {"preloaded://cflinuxfs4", false},
      {"preloaded+layer:cflinuxfs4?layer=https://x/y.tgz&layer_path=/", true},
      {"preloaded+layer:cflinuxfs3?layer=x", false},
      {"docker:///busybox#latest", true},
      {"docker:anything", true},
      {"oci:///image", false},
      {"cflinuxfs4", false},
      {"", false},
  };
  for (const auto& [root_fs, fits] : rows) {
    INFO(root_fs);
    CHECK((Match(cell, {root_fs, {}, {}}) == MatchStep::kAll) == fits);
  }
}

TEST_CASE("fit: the first rule that fails is told", "[auctioneer][fit]") {
  struct Row {
    Strings own;
    Strings optional;
    Strings wanted;
    MatchStep step;
  };
  const std::vector<Row> rows = {
      {{}, {}, {}, MatchStep::kAll},
      {{}, {}, {"gpu"}, MatchStep::kPlacementTags},
      {{"gpu"}, {}, {}, MatchStep::kPlacementTags},
      {{"gpu"}, {}, {"gpu"}, MatchStep::kAll},
      {{"gpu"}, {}, {"GPU"}, MatchStep::kAll},
      {{"GPU"}, {"Fast"}, {"gpu", "fAST"}, MatchStep::kAll},
      {{"gpu"}, {"fast"}, {"gpu"}, MatchStep::kAll},
      {{"gpu"}, {"fast"}, {"gpu", "fast"}, MatchStep::kAll},
      {{"gpu"}, {"fast"}, {"fast"}, MatchStep::kPlacementTags},
      {{"gpu"}, {"fast"}, {"gpu", "slow"}, MatchStep::kPlacementTags},
      {{}, {"fast"}, {}, MatchStep::kAll},
      {{}, {"fast"}, {"fast", "fast"}, MatchStep::kAll},
  };
  for (const Row& row : rows) {
    CellState cell;
    cell.rootfs_providers["docker"] = {true, {}};
    cell.volume_drivers = {"nfs", "smb"};
    cell.placement_tags = row.own;
    cell.optional_placement_tags = row.optional;
    CHECK(Match(cell, {"docker:x", row.wanted, {}}) == row.step);
    CHECK(Match(cell, {"docker:x", row.wanted, {"smb", "nfs"}}) == row.step);
    CHECK(Match(cell, {"docker:x", row.wanted, {"nfs", "ceph"}}) == MatchStep::kVolumeDrivers);
    CHECK(Match(cell, {"oci:x", row.wanted, {"ceph"}}) == MatchStep::kRootFs);
  }
}

TEST_CASE("fit: room is needed for memory, disk and one container", "[auctioneer][fit]") {
  const Resources available{100, 200, 1};
  CHECK_FALSE(ShortOf(available, {100, 200}).any());
  CHECK(ShortOf(available, {101, 200}) == Shortage{false, false, true});
  CHECK(ShortOf(available, {100, 201}) == Shortage{false, true, false});
  CHECK(ShortOf({100, 200, 0}, {0, 0}) == Shortage{true, false, false});
  CHECK(ShortOf({0, 0, 0}, {1, 1}) == Shortage{true, true, true});
}

}  // namespace
}  // namespace diego::auctioneer
