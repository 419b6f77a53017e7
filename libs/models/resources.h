// What a piece of work asks of a cell, and what a cell must offer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/models/opaque.h"

namespace diego {

struct Resources {
  int64_t memory_mb = 0;
  int64_t disk_mb = 0;
  int64_t containers = 0;

  friend bool operator==(const Resources&, const Resources&) = default;
};

struct PlacementConstraint {
  std::string root_fs;  // URL: "preloaded:NAME", "docker:///…"
  std::vector<std::string> placement_tags;
  std::vector<std::string> volume_drivers;
  // Fields of a newer version beside the drivers: a serialized VolumePlacement of nothing else.
  Opaque unknown_of_volumes = {};

  friend bool operator==(const PlacementConstraint&, const PlacementConstraint&) = default;
};

// What the work itself is sized at (one container).
struct WorkloadSize {
  int32_t memory_mb = 0;
  int32_t disk_mb = 0;
  int32_t max_pids = 0;  // 0 = the cell's default

  friend bool operator==(const WorkloadSize&, const WorkloadSize&) = default;
};

}  // namespace diego
