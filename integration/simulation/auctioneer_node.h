// AuctioneerNode: the auctioneer, with its real core and engine; calls of the engine block.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/simulation/bbs_client.h"
#include "integration/simulation/cell.h"
#include "services/auctioneer/engine/auction_loop.h"

namespace diego::simulation {

inline constexpr char kAuctioneer[] = "auctioneer";

class AuctioneerNode final : private auctioneer::CellGateway, private auctioneer::FailureReporter {
 public:
  AuctioneerNode(World* world, Network* network, std::vector<BbsNode*> bbs,
                 std::vector<Cell*> cells);

  void Request(const LrpStartRequest& request);
  void Request(const TaskStartRequest& request);
  // Forgets what it was asked for, as a process that is started again does.
  void Restart();

 private:
  void Beat();
  absl::StatusOr<std::vector<CellPresence>> Cells() override;
  std::vector<absl::StatusOr<CellState>> States(const std::vector<CellPresence>& cells) override;
  std::vector<absl::StatusOr<Work>> Deliver(const std::vector<Delivery>& deliveries) override;
  void Report(std::vector<auctioneer::FailedLrp> lrps,
              std::vector<auctioneer::FailedTask> tasks) override;
  Cell* Find(const CellId& id) const;

  World* const world_;
  Network* const network_;
  BbsClient bbs_;
  const std::vector<Cell*> cells_;
  metrics::Registry registry_{"auctioneer"};
  auctioneer::AuctioneerMetrics metrics_{registry_};
  std::shared_ptr<auctioneer::AuctionLoop> loop_;
  bool stepping_ = false;
};

}  // namespace diego::simulation
