// AuctionCalls: the calls of an auctioneer, whichever protocol they come in by: who may make them,
// and to the loop. Thread-safe; no call blocks.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer".
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/rpc/identity.h"
#include "services/auctioneer/engine/auction_loop.h"
#include "services/auctioneer/engine/metrics.h"

namespace diego::auctioneer {

struct Caller {
  rpc::PeerIdentity peer;  // as its certificate says
  std::string trace_id;    // see libs/rpc/trace_id.h
};

class AuctionCalls {
 public:
  // What is referred to outlives it.
  AuctionCalls(AuctionLoop& loop, const Clock& clock, AuctioneerMetrics& metrics,
               const rpc::PeerRules& peers, const log::Logger& log)
      : loop_(loop),
        clock_(clock),
        metrics_(metrics),
        peers_(peers),
        lrp_log_(log.Session("lrp-auction-handler").Session("create")),
        task_log_(log.Session("task-auction-handler").Session("create")) {}

  // For the BBS and operators. A request that could not be read comes as the error that says so,
  // and is the answer to a caller who may call.
  absl::StatusOr<AuctionLoop::Admission> RequestLrps(
      const Caller& caller, const absl::StatusOr<std::vector<LrpStartRequest>>& requests);
  absl::StatusOr<AuctionLoop::Admission> RequestTasks(
      const Caller& caller, const absl::StatusOr<std::vector<TaskStartRequest>>& requests);

 private:
  template <typename Requests, typename Take>
  absl::StatusOr<AuctionLoop::Admission> Run(const Caller& caller, const Requests& requests,
                                             const log::Logger& log, Take take);

  AuctionLoop& loop_;
  const Clock& clock_;
  AuctioneerMetrics& metrics_;
  const rpc::PeerRules peers_;
  const log::Logger lrp_log_;  // named as the original's
  const log::Logger task_log_;
};

}  // namespace diego::auctioneer
