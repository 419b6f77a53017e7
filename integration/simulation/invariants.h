// What must hold after each step, whatever goes wrong.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "integration/simulation/cell.h"
#include "integration/simulation/roll_invariants.h"

namespace diego::simulation {

class Invariants {
 public:
  Invariants(World* world, const Database* database)
      : world_(world), database_(database), rolls_(world, database) {}

  // After each commit.
  void CheckCommit(const bbs::Changes& changes);
  // A BBS asks a cell to stop an instance.
  void CheckStop(const ActualLrpKey& key, const InstanceKey& instance);
  // A cell that is not evacuating deletes or stops a container that runs.
  void CheckEnded(const CellId& cell, const ActualLrpKey& key, const InstanceGuid& instance);
  // Locket told somebody that these cells are present, and no others.
  void NoteListed(const std::set<CellId>& present, const std::vector<Cell*>& cells);

 private:
  using Index = std::pair<ProcessGuid, int32_t>;

  void CheckIndex(const ActualLrp& row);
  bool IsWanted(const ActualLrpKey& key) const;
  bool WasUnwantedLately(const ActualLrpKey& key) const;

  World* const world_;
  const Database* const database_;
  RollInvariants rolls_;
  std::map<CellId, absl::Duration> last_listed_absent_;
  std::map<ProcessGuid, absl::Duration> last_lowered_;
  std::map<Index, absl::Duration> last_unwanted_;
  std::map<Index, std::map<InstanceGuid, absl::Duration>> last_running_;
};

}  // namespace diego::simulation
