// TaskCallbacks: tells whoever desired a task how it ended: task to Resolving, POST, task deleted.
// A receiver that is overloaded or slow is tried again, after a pause that doubles: the original
// tries at once. Source: reference/bbs-http-api.md "Task completion callbacks".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/http_client/loop.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/effects/effects_metrics.h"
#include "services/bbs/engine/call.h"

namespace diego::bbs {

class TaskCallbacks {
 public:
  struct Options {
    size_t queue_callbacks = 10000;
    size_t posts_at_once = 1000;  // and as many may wait for another attempt
    int attempts = 3;
    absl::Duration pause = absl::Milliseconds(250);  // before the second attempt; doubles
    absl::Duration timeout = absl::Seconds(10);      // of one post
    // Shown to https servers; their certificate must descend from the CA.
    http_client::Tls tls;
  };
  using SubmitFunction = std::function<absl::Status(Call)>;

  // Commands go to the engine by `submit`, whose replies may come as long as the object lives.
  // `clock` and `metrics` outlive it.
  TaskCallbacks(const Options& options, const Clock& clock, const log::Logger& log,
                SubmitFunction submit, EffectsMetrics* metrics);

  // Any thread; never blocks. What does not fit is dropped: convergence submits it again.
  void Complete(CompleteTaskCallback callback);

  // One thread: moves all posts on; waits up to `patience`.
  void Step(absl::Duration patience);

 private:
  struct Attempt {
    Record<Task> task;
    int number = 1;
  };
  void Post(const Record<Task>& task, int attempt);
  void Posted(const Record<Task>& task, int attempt, const http_client::Outcome& outcome);

  const Options options_;
  const Clock& clock_;
  const log::Logger log_;
  const SubmitFunction submit_;
  EffectsMetrics* const metrics_;
  // Tasks that are Resolving by our doing, and are to be posted. Shared with replies under way.
  std::shared_ptr<BoundedQueue<Record<Task>>> resolved_;
  // Of the thread of Step.
  std::multimap<absl::Duration, Attempt> waiting_;  // by when they are due
  http_client::Loop posts_;
};

}  // namespace diego::bbs
