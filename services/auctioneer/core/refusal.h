// Why a piece of work could not be placed: counted for whoever asks, and in the reference's words
// for the BBS. Source: reference/behaviours.md section 8, "placement error text".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  Reason reason = Reason::kNoCells;
  Counts counts;
  std::vector<std::string> wanted_tags;  // kPlacementTags
  Shortage common_shortage;              // kNoRoom: what every fitting cell is short of
};

// What the BBS is told and operators read.
std::string PlacementErrorText(const Refusal& refusal);

}  // namespace diego::auctioneer
