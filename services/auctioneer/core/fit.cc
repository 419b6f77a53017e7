#include "services/auctioneer/core/fit.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace diego::auctioneer {
namespace {

bool Contains(const std::vector<std::string>& all, absl::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool SupportsRootFs(const CellState& cell, absl::string_view root_fs) {
  const size_t colon = root_fs.find(':');
  if (colon == absl::string_view::npos) return false;
  const auto provider = cell.rootfs_providers.find(absl::AsciiStrToLower(root_fs.substr(0, colon)));
  if (provider == cell.rootfs_providers.end()) return false;
  if (provider->second.arbitrary) return true;
  // The opaque part of a URL: "cflinuxfs4" in "preloaded+layer:cflinuxfs4?layer=…"; "//x" has none.
  const absl::string_view rest = root_fs.substr(colon + 1);
  const absl::string_view opaque = rest.substr(0, rest.find_first_of("?#"));
  if (!opaque.empty() && opaque[0] == '/') return false;
  return Contains(provider->second.names, opaque);
}

bool HasVolumeDrivers(const CellState& cell, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& driver) {
    return Contains(cell.volume_drivers, driver);
  });
}

bool ContainsTag(const std::vector<std::string>& all, absl::string_view one) {
  return std::any_of(all.begin(), all.end(),
                     [one](const std::string& tag) { return absl::EqualsIgnoreCase(tag, one); });
}

bool AcceptsTags(const CellState& cell, const std::vector<std::string>& wanted) {
  const bool own_are_wanted =
      std::all_of(cell.placement_tags.begin(), cell.placement_tags.end(),
                  [&](const std::string& tag) { return ContainsTag(wanted, tag); });
  return own_are_wanted && std::all_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
           return ContainsTag(cell.placement_tags, tag) ||
                  ContainsTag(cell.optional_placement_tags, tag);
         });
}

}  // namespace

MatchStep Match(const CellState& cell, const PlacementConstraint& wanted) {
  if (!SupportsRootFs(cell, wanted.root_fs)) return MatchStep::kRootFs;
  if (!HasVolumeDrivers(cell, wanted.volume_drivers)) return MatchStep::kVolumeDrivers;
  if (!AcceptsTags(cell, wanted.placement_tags)) return MatchStep::kPlacementTags;
  return MatchStep::kAll;
}

Shortage ShortOf(const Resources& available, const Need& need) {
  return {available.containers < 1, available.disk_mb < need.disk_mb,
          available.memory_mb < need.memory_mb};
}

}  // namespace diego::auctioneer
