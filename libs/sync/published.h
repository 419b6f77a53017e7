// Published<T>: one writer replaces an immutable value, any thread reads the latest. Thread-safe.
#pragma once

#include <memory>
#include <utility>

#include "libs/sync/guarded.h"

namespace diego {

template <typename T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = nullptr)
      : value_(std::in_place, std::move(first)) {}
  std::shared_ptr<const T> Get() const {
    return value_.With([](const std::shared_ptr<const T>& value) { return value; });
  }
  void Set(std::shared_ptr<const T> next) {
    value_.With([&](std::shared_ptr<const T>& value) { value.swap(next); });
  }

 private:
  Guarded<std::shared_ptr<const T>> value_;
};

}  // namespace diego
