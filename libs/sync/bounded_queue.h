// BoundedQueue<T>: hands values between threads, never holds more than `capacity`, and says so
// instead of blocking the producer. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/sync/guarded.h"

namespace diego {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // False when full or closed; `value` is untouched then.
  bool TryPush(T& value) {
    return data_.With([&](Data& data) {
      if (data.closed || data.items.size() >= capacity_) return false;
      data.items.push_back(std::move(value));
      return true;
    });
  }
  bool TryPush(T&& value) { return TryPush(value); }

  // Takes up to `most` values, waiting up to `timeout` for the first. Empty on timeout, and at once
  // when closed and drained.
  std::vector<T> PopSome(size_t most, absl::Duration timeout) {
    return data_.When([](const Data& data) { return data.closed || !data.items.empty(); }, timeout,
                      [&](Data& data, bool) {
                        std::vector<T> taken;
                        while (!data.items.empty() && taken.size() < most) {
                          taken.push_back(std::move(data.items.front()));
                          data.items.pop_front();
                        }
                        return taken;
                      });
  }

  // Refuses all later pushes and wakes those who wait. What is queued can still be popped.
  void Close() {
    data_.With([](Data& data) { data.closed = true; });
  }
  bool closed() const {
    return data_.With([](const Data& data) { return data.closed; });
  }
  size_t size() const {
    return data_.With([](const Data& data) { return data.items.size(); });
  }

 private:
  struct Data {
    std::deque<T> items;
    bool closed = false;
  };
  const size_t capacity_;
  Guarded<Data> data_;
};

}  // namespace diego
