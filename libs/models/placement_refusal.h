// PlacementRefusal: why the auctioneer found no place, in numbers; the words are beside it.
// Source: proto/models/placement.proto, which says what each number counts.
#pragma once

#include <cstdint>

namespace diego {

struct PlacementRefusal {
  enum class Reason : int32_t {
    kUnknown = 0,
    kNoCells = 1,
    kInFlightLimit = 2,
    kRootFs = 3,
    kVolumeDrivers = 4,
    kPlacementTags = 5,
    kNoRoom = 6,
    kHandedBack = 7,
  };
  Reason reason = Reason::kUnknown;
  int32_t cells_considered = 0;
  int32_t cells_unreachable = 0;
  int32_t cells_evacuating = 0;
  int32_t cells_without_root_fs = 0;
  int32_t cells_without_volume_drivers = 0;
  int32_t cells_without_placement_tags = 0;
  int32_t cells_short_of_memory = 0;
  int32_t cells_short_of_disk = 0;
  int32_t cells_short_of_containers = 0;
  int64_t memory_needed_mb = 0;
  int64_t memory_short_mb = 0;
  int64_t disk_needed_mb = 0;
  int64_t disk_short_mb = 0;
  int64_t containers_starting = 0;
  int64_t containers_starting_limit = 0;
  int32_t times_handed_back = 0;

  friend bool operator==(const PlacementRefusal&, const PlacementRefusal&) = default;
};

}  // namespace diego
