// WorkPool: a fixed number of threads for what blocks (making containers, transfers).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/sync/bounded_queue.h"
#include "libs/sync/worker.h"

namespace diego::rep {

// Any thread.
class WorkPool {
 public:
  WorkPool(const std::string& name, int threads, size_t most_waiting);
  // Runs what is queued, then joins.
  ~WorkPool();

  // False when too much is waiting: `work` is dropped then.
  bool TryRun(std::function<void()> work);

 private:
  BoundedQueue<std::function<void()>> queue_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace diego::rep
