// Guarded<T>: data whose only door is its lock. Thread-safe.
#pragma once

#include <utility>

#include "absl/synchronization/mutex.h"

namespace diego {

template <typename T>
class Guarded {
 public:
  Guarded() = default;
  template <typename... Args>
  explicit Guarded(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}

  // Runs `use` on the data under the lock and returns what it returns. Do no I/O inside, and take
  // no second lock.
  template <typename Use>
  auto With(Use&& use) {
    absl::MutexLock lock(&mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <typename Use>
  auto With(Use&& use) const {
    absl::MutexLock lock(&mutex_);
    return std::forward<Use>(use)(static_cast<const T&>(value_));
  }

  // Waits until `ready(value)` holds or `timeout` has passed; then runs `use(value, held)`.
  template <typename Ready, typename Use>
  auto When(Ready ready, absl::Duration timeout, Use&& use) {
    auto condition = [this, &ready] { return ready(static_cast<const T&>(value_)); };
    absl::MutexLock lock(&mutex_);
    const bool held = mutex_.AwaitWithTimeout(absl::Condition(&condition), timeout);
    return std::forward<Use>(use)(value_, held);
  }

 private:
  mutable absl::Mutex mutex_;
  T value_{};
};

}  // namespace diego
