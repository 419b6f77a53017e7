// CellNotes: what the rep remembers of a container besides what the executor knows. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/models/cell_state.h"
#include "libs/sync/guarded.h"

namespace diego::rep {

struct ContainerNote {
  std::vector<std::string> internal_routes;
  std::map<std::string, std::string> metric_tags;
  std::string result_file;  // tasks only
  // What its metrics are filed under; empty while it is not known.
  std::string metric_guid = {};
};

class CellNotes {
 public:
  void Set(const std::string& guid, ContainerNote note);
  // An empty note when there is none.
  ContainerNote Get(const std::string& guid) const;
  // Applies what `update` carries; false when it changed nothing.
  bool Update(const std::string& guid, const LrpInstanceUpdate& update);
  void Forget(const std::string& guid);

 private:
  Guarded<std::map<std::string, ContainerNote>> notes_;
};

}  // namespace diego::rep
