// ClientCellGateway: the BBS's list of cells, and all cells at the same time without a thread a
// cell.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/cell_client.h"
#include "services/auctioneer/engine/ports.h"

namespace diego::auctioneer {

// One thread at a time. The clients must outlive it.
class ClientCellGateway final : public CellGateway {
 public:
  // A cell that has not told its state within `state_timeout` counts as silent. Deliveries are
  // bounded by the client's own time-out.
  ClientCellGateway(clients::BbsClient& bbs, clients::CellClient& cells,
                    absl::Duration state_timeout);

  absl::StatusOr<std::vector<CellPresence>> Cells() override;
  std::vector<absl::StatusOr<CellState>> States(const std::vector<CellPresence>& cells) override;
  std::vector<absl::StatusOr<Work>> Deliver(const std::vector<Delivery>& deliveries) override;

 private:
  clients::BbsClient& bbs_;
  clients::CellClient& cells_;
  const absl::Duration state_timeout_;
};

}  // namespace diego::auctioneer
