// AuctionSender: hands requests for placement to the auctioneer, many at a time. What cannot be
// handed over after some tries, or does not fit the queue, is dropped: convergence asks again for
// what still has no place.
#pragma once

#include <functional>
#include <map>
#include <string>
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
  // The auctioneer, blocking, with the trace id that all of the requests have. Repeats are
  // harmless.
  struct Auctioneer {
    std::function<absl::Status(const std::vector<LrpStartRequest>&, const std::string&)> lrps;
    std::function<absl::Status(const std::vector<TaskStartRequest>&, const std::string&)> tasks;
  };

  AuctionSender(const Options& options, const log::Logger& log, Auctioneer auctioneer,
                EffectsMetrics* metrics);

  // Any thread; never blocks.
  void Send(std::variant<LrpStartRequest, TaskStartRequest> request, const std::string& trace_id);

  // One thread: sends one batch, a call for each trace id in it, waiting up to `patience` for
  // something to send. Returns the pause before the next.
  absl::Duration Step(absl::Duration patience);

 private:
  struct Request {
    std::variant<LrpStartRequest, TaskStartRequest> what;
    std::string trace_id;
  };
  struct Batch {
    std::vector<LrpStartRequest> lrps;
    std::vector<TaskStartRequest> tasks;
  };
  absl::Status SendAll();
  absl::Status Send(const std::string& trace_id, Batch* batch);

  const Options options_;
  const log::Logger log_;
  const Auctioneer auctioneer_;
  EffectsMetrics* const metrics_;
  BoundedQueue<Request> queue_;
  // Of the thread of Step: what is in hand, by trace id.
  std::map<std::string, Batch> batches_;
  int failures_ = 0;
};

}  // namespace diego::bbs
