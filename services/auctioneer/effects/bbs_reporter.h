// BbsReporter: tells the BBS what could not be placed, a few calls at a time beside the rounds.
// A report that fails or finds no room in the queue is dropped: convergence auctions anew what
// still waits.
#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "libs/clients/bbs_client.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "libs/sync/worker.h"
#include "services/auctioneer/engine/metrics.h"
#include "services/auctioneer/engine/ports.h"

namespace diego::auctioneer {

// Thread-safe.
class BbsReporter final : public FailureReporter {
 public:
  struct Options {
    size_t queue_capacity = 500000;
    int calls_at_a_time = 16;
  };
  BbsReporter(const Options& options, clients::BbsClient& bbs, AuctioneerMetrics& metrics,
              log::Logger log);
  // Drops what still waits. Cancel the client's calls first, for they may take long.
  ~BbsReporter() override;

  void Report(std::vector<FailedLrp> lrps, std::vector<FailedTask> tasks) override;

 private:
  using Failure = std::variant<FailedLrp, FailedTask>;
  absl::Duration Step();
  void Send(const Failure& failure);

  clients::BbsClient& bbs_;
  AuctioneerMetrics& metrics_;
  const log::Logger log_;
  BoundedQueue<Failure> queue_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace diego::auctioneer
