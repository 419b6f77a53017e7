// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "libs/base/clock.h"

namespace diego {

class FakeClock final : public Clock {
 public:
  // Starts at 2026-01-01T00:00:00Z.
  FakeClock();
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
  void Advance(absl::Duration by);

 private:
  std::atomic<int64_t> elapsed_ns_{0};
};

}  // namespace diego
