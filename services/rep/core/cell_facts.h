// What a cell is and what it holds, as plain values for the rules.
#pragma once

#include <string>
#include <vector>

#include "libs/models/actual_lrp.h"
#include "libs/models/cell.h"
#include "libs/models/ids.h"
#include "libs/models/resources.h"
#include "libs/models/task.h"
#include "services/rep/core/reconcile.h"

namespace diego::rep {

// What does not change while the rep runs.
struct CellFacts {
  CellId cell_id;
  std::string rep_address;       // "http://…": legacy, nobody calls it
  std::string rep_url;           // "https://…": the original's HTTP and JSON
  std::string rep_grpc_address;  // host:port
  int32_t cell_index = 0;
  std::string zone;
  std::vector<std::string> stacks;               // names of preloaded root filesystems
  std::vector<std::string> supported_providers;  // other schemes: "docker"
  std::vector<std::string> placement_tags;
  std::vector<std::string> optional_placement_tags;
  Resources total;
  int32_t proxy_memory_allocation_mb = 0;  // charged for each LRP; 0 = no proxy
};

enum class Lifecycle { kLrp, kTask };

// What the rep wrote on a container when it reserved it, given back with the container.
struct ContainerIdentity {
  Lifecycle lifecycle = Lifecycle::kLrp;
  std::string guid;  // the instance guid of an LRP, or the task guid
  Domain domain;
  ActualLrpKey lrp;  // LRPs only; its domain is `domain`
  PlacementConstraint placement;
  std::string definition_id = {};  // LRPs only: what it was auctioned to run; "" = not said

  friend bool operator==(const ContainerIdentity&, const ContainerIdentity&) = default;
};

struct CellContainer {
  ContainerIdentity identity;
  WorkloadSize size;
  ContainerPhase phase = ContainerPhase::kReserved;
  bool failed = false;  // meaningful when completed
};

// What Locket and the BBS are told. Source: reference/locket-grpc-api.md "CellPresence JSON".
CellPresence PresenceOf(const CellFacts& facts);

}  // namespace diego::rep
