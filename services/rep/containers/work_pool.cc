#include "services/rep/containers/work_pool.h"

#include "absl/strings/str_cat.h"

namespace diego::rep {

WorkPool::WorkPool(const std::string& name, int threads, size_t most_waiting)
    : queue_(most_waiting) {
  for (int i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(absl::StrCat(name, "-", i), [this] {
      const auto taken = queue_.PopSome(1, absl::Seconds(1));
      for (const std::function<void()>& work : taken) work();
      // A closed queue is never waited for: to wait for Stop instead keeps the pool from spinning
      // while its threads are joined one after the other.
      return taken.empty() && queue_.closed() ? absl::Seconds(1) : absl::ZeroDuration();
    }));
  }
}

WorkPool::~WorkPool() {
  queue_.Close();
  for (const auto& worker : workers_) worker->Stop();
  for (std::function<void()>& work : queue_.PopSome(queue_.size(), absl::ZeroDuration())) work();
}

bool WorkPool::TryRun(std::function<void()> work) { return queue_.TryPush(std::move(work)); }

}  // namespace diego::rep
