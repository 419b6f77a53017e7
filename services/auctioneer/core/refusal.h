// Why a piece of work could not be placed: counted for whoever asks, and in the reference's words
// for the BBS. Source: reference/behaviours.md section 8, "placement error text".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/models/placement_refusal.h"
#include "services/auctioneer/core/fit.h"

namespace diego::auctioneer {

struct Refusal {
  enum class Reason {
    kNoCells,         // no cell answered
    kInFlightLimit,   // enough containers are starting already
    kRootFs,          // no cell supports the root file system
    kVolumeDrivers,   // none of those that do has the volume drivers
    kPlacementTags,   // none of those that do has the tags
    kNoRoom,          // cells fit, but none has room
    kRefusedByCells,  // cells that had room handed it back, again and again
  };
  // Cells, each counted once, under the first rule it fell out for.
  struct Counts {
    int considered = 0;
    int without_root_fs = 0;
    int without_volume_drivers = 0;
    int without_placement_tags = 0;
    // Of those that fit; one cell may be short of several.
    int short_of_memory = 0;
    int short_of_disk = 0;
    int short_of_containers = 0;
    // Not among those considered.
    int unreachable = 0;  // present, but did not tell their state
    int evacuating = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  // How far the nearest of the cells that are short of something is from having it.
  struct Shortfall {
    int64_t needed = 0;  // on that cell
    int64_t short_by = 0;

    friend bool operator==(const Shortfall&, const Shortfall&) = default;
  };

  Reason reason = Reason::kNoCells;
  Counts counts;
  std::vector<std::string> wanted_tags;  // kPlacementTags
  Shortage common_shortage;              // kNoRoom: what every fitting cell is short of
  Shortfall memory_mb = {};              // kNoRoom; zero when no fitting cell is short of it
  Shortfall disk_mb = {};
  int64_t starting = 0;  // kInFlightLimit: containers, on all cells together
  int64_t starting_limit = 0;
  int32_t times_handed_back = 0;  // kRefusedByCells
};

// What the BBS is told and operators read, in words and in numbers.
std::string PlacementErrorText(const Refusal& refusal);
PlacementRefusal ToPlacementRefusal(const Refusal& refusal);

}  // namespace diego::auctioneer
