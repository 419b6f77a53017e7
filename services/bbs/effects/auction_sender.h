// AuctionSender: hands requests for placement to the auctioneer, many at a time. What cannot be
// handed over after some tries, or does not fit the queue, is dropped: convergence asks again for
// what still has no place.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/effects/effects_metrics.h"

namespace diego::bbs {

class AuctionSender {
 public:
  struct Options {
    size_t queue_requests = 100000;
    size_t batch_requests = 1000;
    int tries = 3;
    absl::Duration pause = absl::Milliseconds(500);  // after a failure; doubles
  };
  // The auctioneer, blocking. Repeats are harmless.
  struct Auctioneer {
    std::function<absl::Status(const std::vector<LrpStartRequest>&)> lrps;
    std::function<absl::Status(const std::vector<TaskStartRequest>&)> tasks;
  };

  AuctionSender(const Options& options, const log::Logger& log, Auctioneer auctioneer,
                EffectsMetrics* metrics);

  // Any thread; never blocks.
  void Send(AuctionLrps auction) { Enqueue(std::move(auction.request)); }
  void Send(AuctionTask auction) { Enqueue(std::move(auction.request)); }

  // One thread: sends one batch, waiting up to `patience` for something to send. Returns the pause
  // before the next.
  absl::Duration Step(absl::Duration patience);

 private:
  using Request = std::variant<LrpStartRequest, TaskStartRequest>;
  void Enqueue(Request request);
  absl::Status SendBatch();

  const Options options_;
  const log::Logger log_;
  const Auctioneer auctioneer_;
  EffectsMetrics* const metrics_;
  BoundedQueue<Request> queue_;
  // Of the thread of Step: the batch in hand.
  std::vector<LrpStartRequest> lrps_;
  std::vector<TaskStartRequest> tasks_;
  int failures_ = 0;
};

}  // namespace diego::bbs
