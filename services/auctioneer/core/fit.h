// What a cell can take at all: its constraints, and its room.
// Source: reference/behaviours.md section 8 "filter", "memory needed"; design-notes.md section 5
// (tags are case-insensitive).
#pragma once

#include <cstdint>

#include "libs/models/cell_state.h"

namespace diego::auctioneer {

// How far a cell got through the filter; a later step is nearer to a fit.
enum class MatchStep { kRootFs, kVolumeDrivers, kPlacementTags, kAll };

// The first step that `cell` fails, or kAll:
//   root file system: its scheme is supported (arbitrary: any; fixed set: the opaque part is in
//   it); volume drivers: all wanted are there; tags, whatever their case: the cell's own are all
//   wanted, and all wanted are among its own and its optional ones.
MatchStep Match(const CellState& cell, const PlacementConstraint& wanted);

// What one piece of work takes off a cell. Containers: one.
struct Need {
  int64_t memory_mb = 0;
  int64_t disk_mb = 0;
};

// Of what a cell has not enough for a need.
struct Shortage {
  bool containers = false;
  bool disk = false;
  bool memory = false;

  bool any() const { return containers || disk || memory; }
  friend bool operator==(const Shortage&, const Shortage&) = default;
};
Shortage ShortOf(const Resources& available, const Need& need);

}  // namespace diego::auctioneer
