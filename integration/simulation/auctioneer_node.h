// AuctioneerNode: gathers start requests, asks the cells for their state, hands work out, reports
// what found no place.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "integration/simulation/bbs_client.h"
#include "integration/simulation/cell.h"

namespace diego::simulation {

inline constexpr char kAuctioneer[] = "auctioneer";

class AuctioneerNode {
 public:
  AuctioneerNode(World* world, Network* network, LocketNode* locket, std::vector<BbsNode*> bbs,
                 std::vector<Cell*> cells);

  void Request(const LrpStartRequest& request);
  void Request(const TaskStartRequest& request);
  // Forgets what it was asked for, as a process that is started again does.
  void Restart();

 private:
  struct Batch {
    std::map<std::pair<ProcessGuid, int32_t>, LrpStartRequest> lrps;  // one index each
    std::map<TaskGuid, TaskStartRequest> tasks;
    bool empty() const { return lrps.empty() && tasks.empty(); }
  };
  struct Round {
    Batch batch;
    std::vector<CellState> states;
  };

  void Beat();
  void BeginRound();
  void Place(Round round);
  void Fail(const ActualLrpKey& key, const std::string& reason);
  void Fail(const TaskGuid& task, const std::string& reason);
  Cell* Find(const CellId& id) const;

  World* const world_;
  Network* const network_;
  LocketNode* const locket_;
  BbsClient bbs_;
  const std::vector<Cell*> cells_;
  Batch waiting_;
  bool in_round_ = false;
  uint64_t life_ = 0;
};

}  // namespace diego::simulation
