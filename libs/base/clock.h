// The one door to time. Shells take a Clock in their constructor; cores take absl::Time values.
#pragma once

#include "absl/time/time.h"

namespace diego {

// Thread-safe: all methods may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time: what records carry.
  virtual absl::Time Now() const = 0;
  // Time since an arbitrary start that never goes back: for deadlines and durations.
  virtual absl::Duration Monotonic() const = 0;
};

// The machine's clocks. The returned object lives for ever.
const Clock& RealClock();

}  // namespace diego
