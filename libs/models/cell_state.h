// What a cell answers when the auctioneer asks, the work it is handed, and auction requests.
// Source: reference/rep-auctioneer-http-api.md "CellState", "Auctioneer".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/models/actual_lrp.h"
#include "libs/models/ids.h"
#include "libs/models/resources.h"
#include "libs/models/task.h"

namespace diego {

struct CellLrp {
  ActualLrpKey key;
  InstanceGuid instance_guid;
  PlacementConstraint placement;
  WorkloadSize size;
  std::string state;               // CLAIMED, RUNNING, SHUTDOWN, CRASHED; empty in work
  std::string definition_id = {};  // which definition of the LRP to run; "" = the active one

  friend bool operator==(const CellLrp&, const CellLrp&) = default;
};

struct CellTask {
  TaskGuid task_guid;
  Domain domain;
  PlacementConstraint placement;
  WorkloadSize size;
  TaskState state = TaskState::kInvalid;
  bool failed = false;

  friend bool operator==(const CellTask&, const CellTask&) = default;
};

// A root filesystem scheme a cell supports: any name of it, or only a fixed set.
struct RootFsSupport {
  bool arbitrary = false;
  std::vector<std::string> names;  // sorted; meaningful unless arbitrary

  friend bool operator==(const RootFsSupport&, const RootFsSupport&) = default;
};

struct CellState {
  CellId cell_id;
  std::string rep_url;
  int32_t cell_index = 0;
  std::string zone;
  std::map<std::string, RootFsSupport> rootfs_providers;  // by scheme
  Resources available;
  Resources total;
  std::vector<CellLrp> lrps;
  std::vector<CellTask> tasks;
  int32_t starting_container_count = 0;
  bool evacuating = false;
  std::vector<std::string> volume_drivers;
  std::vector<std::string> placement_tags;
  std::vector<std::string> optional_placement_tags;
  int32_t proxy_memory_allocation_mb = 0;

  friend bool operator==(const CellState&, const CellState&) = default;
};

// Work handed to a cell, and the part of it that the cell hands back.
struct Work {
  CellId cell_id;
  std::vector<CellLrp> lrps;
  std::vector<CellTask> tasks;
};

// Asks the auctioneer to place these indices of one LRP.
struct LrpStartRequest {
  ProcessGuid process_guid;
  Domain domain;
  std::vector<int32_t> indices;
  PlacementConstraint placement;
  WorkloadSize size;
  std::string definition_id = {};  // as in CellLrp

  friend bool operator==(const LrpStartRequest&, const LrpStartRequest&) = default;
};

struct TaskStartRequest {
  TaskGuid task_guid;
  Domain domain;
  PlacementConstraint placement;
  WorkloadSize size;

  friend bool operator==(const TaskStartRequest&, const TaskStartRequest&) = default;
};

// Asks a cell to bring a running instance's metadata up to date.
struct LrpInstanceUpdate {
  ActualLrpKey key;
  InstanceKey instance;
  bool has_internal_routes = false;
  std::vector<std::string> internal_routes;
  bool has_metric_tags = false;
  std::map<std::string, std::string> metric_tags;

  friend bool operator==(const LrpInstanceUpdate&, const LrpInstanceUpdate&) = default;
};

}  // namespace diego
