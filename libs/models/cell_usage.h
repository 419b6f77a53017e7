// What the containers of a cell use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/models/ids.h"

namespace diego {

struct ContainerUse {
  std::string container_guid;  // the instance guid of an LRP, or the task guid
  ProcessGuid process_guid;    // empty for tasks
  int32_t index = 0;
  double cpu_usage_fraction = 0;  // of one CPU, since the cell was last asked
  int64_t memory_usage_bytes = 0;
  int64_t memory_quota_bytes = 0;
  int64_t disk_usage_bytes = 0;
  int64_t disk_quota_bytes = 0;
  // What its metrics are filed under: the metric tag source_id, or the log guid.
  std::string metric_guid = {};

  friend bool operator==(const ContainerUse&, const ContainerUse&) = default;
};

struct CellUsage {
  CellId cell_id;
  std::vector<ContainerUse> containers;
};

}  // namespace diego
