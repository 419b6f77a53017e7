// AuctionCalls: the calls of an auctioneer, whichever protocol they come in by: who may make them,
// and to the loop. Thread-safe; no call blocks.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer".
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/rpc/identity.h"
#include "services/auctioneer/engine/auction_loop.h"
#include "services/auctioneer/engine/metrics.h"

namespace diego::auctioneer {

class AuctionCalls {
 public:
  // What is referred to outlives it.
  AuctionCalls(AuctionLoop& loop, const Clock& clock, AuctioneerMetrics& metrics,
               const rpc::PeerRules& peers)
      : loop_(loop), clock_(clock), metrics_(metrics), peers_(peers) {}

  // For the BBS and operators; `peer` as its certificate says. A request that could not be read
  // comes as the error that says so, and is the answer to a caller who may call.
  absl::StatusOr<AuctionLoop::Admission> RequestLrps(
      const rpc::PeerIdentity& peer, const absl::StatusOr<std::vector<LrpStartRequest>>& requests);
  absl::StatusOr<AuctionLoop::Admission> RequestTasks(
      const rpc::PeerIdentity& peer, const absl::StatusOr<std::vector<TaskStartRequest>>& requests);

 private:
  template <typename Requests, typename Take>
  absl::StatusOr<AuctionLoop::Admission> Run(const rpc::PeerIdentity& peer,
                                             const Requests& requests, Take take);

  AuctionLoop& loop_;
  const Clock& clock_;
  AuctioneerMetrics& metrics_;
  const rpc::PeerRules peers_;
};

}  // namespace diego::auctioneer
