// Cell: one cell, with the rep's real core and engine over containers that are only entries of a
// table. It dies, comes back, is cut off, evacuates.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "integration/simulation/cell_records.h"
#include "integration/simulation/simulated_executor.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/evacuation.h"

namespace diego::simulation {

// What the cell asks the simulation's books.
struct CellHooks {
  // A running container is deleted or stopped although nothing was wrong with it.
  std::function<void(const CellId& cell, const ActualLrpKey& key, const InstanceGuid& instance)>
      running_ended;
  // Whether this container should crash, now that it runs.
  std::function<bool(const ActualLrpKey& key)> may_crash;
};

struct RunningInstance {
  ActualLrpKey key;
  InstanceKey instance;
  std::string definition;  // "" = its cell was not told
};

class Cell {
 public:
  Cell(World* world, Network* network, LocketNode* locket, std::vector<BbsNode*> bbs,
       const CellId& id, std::string zone, CellHooks hooks);

  const CellId& id() const { return facts_.cell_id; }
  const std::string& name() const { return facts_.cell_id.value(); }
  bool evacuating() const { return life_ != nullptr && life_->cell->evacuating(); }

  // Everything on it is gone at once.
  void Die();
  void Boot();
  // Moves everything away, then ends; at the latest after a minute.
  void Evacuate();

  // Calls that arrive.
  void AnswerState(Answer<CellState> answer);
  void Perform(const Work& work, Answer<Work> rejected);
  void StopLrp(const InstanceKey& instance);
  void CancelTask(const TaskGuid& guid);

  // For the books: instances that run here, and how many containers there are.
  std::vector<RunningInstance> Running() const;
  size_t container_count() const;

 private:
  // One life of the rep's process and its containers. A call that blocks when the cell dies keeps
  // it until it comes back, and then finds itself dead.
  struct Life {
    uint64_t number = 0;
    int steps_under_way = 0;
    bool bulk_under_way = false;
    std::unique_ptr<SimulatedExecutor> executor;
    std::unique_ptr<CellRecords> records;
    rep::CellNotes notes;
    std::unique_ptr<rep::ReconcileLoop> loop;
    std::unique_ptr<rep::Cell> cell;
    std::unique_ptr<rep::Evacuation> evacuation;
  };
  using LifePointer = std::shared_ptr<Life>;

  // Schedules `what` for this life only.
  void Soon(const LifePointer& life, absl::Duration delay,
            std::function<void(const LifePointer&)> what);
  void WatchContainers(const LifePointer& life);
  void KeepPresence(const LifePointer& life);
  void Beat(const LifePointer& life);
  void BulkBeat(const LifePointer& life);

  void EvacuationBeat(const LifePointer& life);
  void EndEvacuation(uint64_t life, bool complete);

  World* const world_;
  Network* const network_;
  LocketNode* const locket_;
  const std::vector<BbsNode*> bbs_;
  const CellHooks hooks_;
  rep::CellFacts facts_;
  metrics::Registry registry_{"rep"};
  rep::RepMetrics metrics_{registry_};
  uint64_t lives_ = 0;
  LifePointer life_;  // nullptr while dead
};

}  // namespace diego::simulation
