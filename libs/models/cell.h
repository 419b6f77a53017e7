// CellPresence: what a cell says of itself in Locket.
// Source: reference/wire-models.md "Cells"; locket-grpc-api.md "CellPresence JSON".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/models/ids.h"
#include "libs/models/resources.h"

namespace diego {

// A root filesystem provider: "preloaded" with the stack names it holds, "docker" with none.
struct RootFsProvider {
  std::string name;
  std::vector<std::string> properties;

  friend bool operator==(const RootFsProvider&, const RootFsProvider&) = default;
};

struct CellPresence {
  CellId cell_id;
  std::string rep_address;       // http://…, legacy
  std::string rep_url;           // https://…, the original HTTP protocol
  std::string rep_grpc_address;  // host:port of diego.Cell; empty on cells of the original
  std::string zone;
  Resources capacity;
  std::vector<RootFsProvider> rootfs_providers;
  std::vector<std::string> placement_tags;
  std::vector<std::string> optional_placement_tags;
  std::map<std::string, std::string> annotations;

  friend bool operator==(const CellPresence&, const CellPresence&) = default;
};

}  // namespace diego
