// Cell: one cell, with the rep's real core deciding about containers that are only numbers. It
// dies, comes back, is cut off, evacuates.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "integration/simulation/bbs_client.h"
#include "services/rep/core/capacity.h"
#include "services/rep/core/evacuation.h"

namespace diego::simulation {

// What the cell asks the simulation's books.
struct CellHooks {
  // A running container of a wanted kind is deleted although nothing was wrong with it.
  std::function<void(const CellId& cell, const ActualLrpKey& key, const InstanceGuid& instance,
                     const std::string& why)>
      running_deleted;
  // Whether this container should crash, now that it runs.
  std::function<bool(const ActualLrpKey& key)> may_crash;
};

class Cell {
 public:
  Cell(World* world, Network* network, LocketNode* locket, std::vector<BbsNode*> bbs,
       const CellId& id, std::string zone, CellHooks hooks);

  const CellId& id() const { return id_; }
  std::string name() const { return id_.value(); }
  bool alive() const { return alive_; }
  bool evacuating() const { return evacuating_; }

  // Everything on it is gone at once.
  void Die();
  void Boot();
  // Moves everything away, then ends; at the latest after a minute.
  void Evacuate();

  // Calls that arrive.
  void AnswerState(Answer<CellState> answer);
  void Perform(const Work& work, Answer<Work> rejected);
  void StopLrp(const ActualLrpKey& key, const InstanceKey& instance);
  void CancelTask(const TaskGuid& guid);

  // For the books: instances that run here, and how many containers there are.
  std::vector<std::pair<ActualLrpKey, InstanceGuid>> Running() const;
  size_t container_count() const { return containers_.size(); }

 private:
  using Phase = rep::ContainerPhase;
  struct Container {
    rep::CellContainer info;
    bool busy = false;          // being reconciled
    bool again = false;         // something happened meanwhile
    bool looked_twice = false;  // the record was read anew before deleting
    std::string failure;
  };

  // Schedules `what` unless the cell has died (or rebooted) by then.
  void Soon(absl::Duration delay, std::function<void()> what);
  Container* Find(const std::string& guid);

  void KeepPresence();
  void Bulk();
  void MendMissing(const std::vector<ActualLrp>& rows, const std::vector<Task>& tasks);
  void Touch(const std::string& guid);   // reconciles it, now or when it is free
  void Finish(const std::string& guid);  // it is free again
  void Retry(const std::string& guid);   // and shall be looked at again in a while
  void Delete(const std::string& guid, const std::string& why);
  void SetPhase(const std::string& guid, Phase phase);
  void RunContainer(const std::string& guid);

  void ReconcileLrp(const std::string& guid);
  void ActOnLrp(const std::string& guid, const rep::LrpMatch& match);
  void ActOnEvacuating(const std::string& guid, const std::vector<ActualLrp>& rows);
  void ReconcileTask(const std::string& guid);
  void ActOnTask(const std::string& guid, rep::TaskAction action);
  // Sends the command; afterwards: `then` on any answer but "no BBS", else a later retry.
  void Tell(const std::string& guid, bbs::Command command,
            std::function<void(const bbs::Reply&)> then);
  void TellThenDelete(const std::string& guid, bbs::Command command, const std::string& why);

  InstanceKey KeyOf(const Container& container) const;
  bbs::InstanceFacts FactsOf(const Container& container) const;
  void EndEvacuationIfEmpty();

  World* const world_;
  Network* const network_;
  LocketNode* const locket_;
  BbsClient bbs_;
  const CellId id_;
  const CellHooks hooks_;
  rep::CellFacts facts_;

  bool alive_ = false;
  bool evacuating_ = false;
  uint64_t life_ = 0;
  std::map<std::string, Container> containers_;
};

}  // namespace diego::simulation
