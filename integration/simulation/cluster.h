// Cluster: one simulated Diego, everything wired together, and the faults that befall it: a stormy
// time first, then calm, in which it has to come to rest as desired.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/simulation/auctioneer_node.h"
#include "integration/simulation/cell.h"
#include "integration/simulation/emitter_node.h"
#include "integration/simulation/invariants.h"
#include "integration/simulation/operator.h"
#include "integration/simulation/watcher.h"

namespace diego::simulation {

// How a run went. `failure` is empty when all was well.
struct RunReport {
  std::string failure;
  bool cut_short = false;  // it ran out of steps
  uint64_t steps = 0;
  uint64_t revisions = 0;
  uint64_t fingerprint = 0;
  absl::Duration settled_after;  // calm began
  int resumed = 0;
  int resynced = 0;
};

class Cluster {
 public:
  explicit Cluster(World* world);

  // Runs the whole story, at most `most_steps` steps of it.
  RunReport Run(uint64_t most_steps);

 private:
  void Act(const std::string& node, const bbs::Effect& effect);
  void CallBack(const std::string& node, const bbs::Record<Task>& task);
  Cell* FindCell(const CellId& id) const;
  BbsNode* FindBbs(const std::string& name) const;
  bool MayCrash(const ActualLrpKey& key);

  void Storm();
  void StrikeBbs();
  void StrikeCell();
  void StrikeLink();
  void StrikeStore();
  void Calm();
  bool StepUntil(absl::Duration time, uint64_t most_steps);

  World* const world_;
  FaultRates rates_;
  Network network_;
  Invariants invariants_;
  Database database_;
  LocketNode locket_;
  std::vector<std::unique_ptr<BbsNode>> bbs_;
  std::vector<std::unique_ptr<Cell>> cells_;
  std::vector<Cell*> all_cells_;
  std::unique_ptr<AuctioneerNode> auctioneer_;
  std::unique_ptr<Operator> operator_;
  std::unique_ptr<EmitterNode> emitter_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  bool calm_ = false;
  std::map<std::pair<ProcessGuid, int32_t>, int> crashes_;
};

}  // namespace diego::simulation
