// What must hold of rolls from one definition to another, after each commit.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "integration/simulation/fake_store.h"

namespace diego::simulation {

class RollInvariants {
 public:
  RollInvariants(World* world, const Database* database) : world_(world), database_(database) {}

  void CheckCommit(const bbs::Changes& changes);
  // A roll has told the instance to stop, and was right to do so.
  bool ToldToStop(const InstanceGuid& instance) const { return told_to_stop_.count(instance) > 0; }

 private:
  using Index = std::pair<ProcessGuid, int32_t>;

  void Take(const bbs::ActualLrpChange& change);
  void Take(const bbs::DesiredLrpChange& change);
  void CheckMayStop(const bbs::DesiredLrpChange& change, const InstanceGuid& instance);
  void CheckDefinitions(const ProcessGuid& process_guid);

  World* const world_;
  const Database* const database_;
  // As the changes of a commit are gone through, one after the other.
  std::map<Index, std::set<InstanceGuid>> running_;
  std::map<InstanceGuid, Index> index_of_;
  std::set<InstanceGuid> ended_;  // in this commit
  std::set<InstanceGuid> told_to_stop_;
  // That have been active since the LRP was desired. What an earlier one of its name left may still
  // run.
  std::map<ProcessGuid, std::set<std::string>> definitions_;
};

}  // namespace diego::simulation
