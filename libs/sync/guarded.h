// Guarded<T>: data whose only door is its lock. Thread-safe.
//
// Under the thread sanitizer it stands on std::mutex: Debian's Abseil is built without the
// annotations that would let the sanitizer see absl::Mutex.
#pragma once

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#if __has_feature(thread_sanitizer)
#include <condition_variable>
#include <mutex>
#else
#include "absl/synchronization/mutex.h"
#endif

namespace diego {

namespace sync_internal {

#if __has_feature(thread_sanitizer)
class Lock {
 public:
  template <typename Use>
  auto With(Use&& use) {
    const std::unique_lock<std::mutex> lock(mutex_);
    const NotifyAtEnd notify{&changed_};
    return std::forward<Use>(use)();
  }
  template <typename Ready, typename Use>
  auto When(Ready& ready, absl::Duration timeout, Use&& use) {
    std::unique_lock<std::mutex> lock(mutex_);
    const NotifyAtEnd notify{&changed_};
    const auto longest = absl::ToChronoNanoseconds(std::min(timeout, absl::Hours(24)));
    const bool held = changed_.wait_for(lock, longest, ready);
    return std::forward<Use>(use)(held);
  }

 private:
  struct NotifyAtEnd {
    std::condition_variable* changed;
    ~NotifyAtEnd() { changed->notify_all(); }
  };
  std::mutex mutex_;
  std::condition_variable changed_;
};
#else
class Lock {
 public:
  template <typename Use>
  auto With(Use&& use) {
    absl::MutexLock lock(&mutex_);
    return std::forward<Use>(use)();
  }
  template <typename Ready, typename Use>
  auto When(Ready& ready, absl::Duration timeout, Use&& use) {
    absl::MutexLock lock(&mutex_);
    // Who has no patience is spared the way through the kernel, which costs more than most uses.
    const bool held = timeout > absl::ZeroDuration()
                          ? mutex_.AwaitWithTimeout(absl::Condition(&ready), timeout)
                          : ready();
    return std::forward<Use>(use)(held);
  }

 private:
  absl::Mutex mutex_;
};
#endif

}  // namespace sync_internal

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
    return lock_.With([&]() -> decltype(auto) { return std::forward<Use>(use)(value_); });
  }
  template <typename Use>
  auto With(Use&& use) const {
    return lock_.With(
        [&]() -> decltype(auto) { return std::forward<Use>(use)(static_cast<const T&>(value_)); });
  }

  // Waits until `ready(value)` holds or `timeout` has passed; then runs `use(value, held)`.
  template <typename Ready, typename Use>
  auto When(Ready ready, absl::Duration timeout, Use&& use) {
    auto condition = [this, &ready] { return ready(static_cast<const T&>(value_)); };
    return lock_.When(condition, timeout, [&](bool held) -> decltype(auto) {
      return std::forward<Use>(use)(value_, held);
    });
  }

 private:
  mutable sync_internal::Lock lock_;
  T value_{};
};

}  // namespace diego
