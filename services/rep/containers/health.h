// When to look at an instance's health and what its answers mean. Pure: time comes in.
// Source: reference/behaviours.md section 10 "health" and "log lines".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace diego::rep {

struct HealthTiming {
  absl::Duration start_timeout = absl::ZeroDuration();  // 0 = wait for ever
  absl::Duration unhealthy_interval = absl::Seconds(2);
};

// One finding and what follows from it.
struct HealthVerdict {
  enum class Kind { kCheckAgain, kBecameHealthy, kFailed };
  Kind kind = Kind::kCheckAgain;
  std::string log_line;        // for the app's log; empty = none
  std::string failure_reason;  // when failed
  // Time to the next look at all checks; absent once healthy, when each has its own interval.
  std::optional<absl::Duration> next_check;
};

// The health of one instance from its start. Not thread-safe.
class HealthTracker {
 public:
  HealthTracker(HealthTiming timing, absl::Duration started);

  bool healthy() const { return healthy_; }
  // A check ended at `now`; `reason` says why it did not pass.
  HealthVerdict OnCheck(bool passed, absl::string_view reason, absl::Duration now);

 private:
  const HealthTiming timing_;
  const absl::Duration started_;
  bool healthy_ = false;
};

// "Starting health monitoring of container", written before the first check.
extern const char kStartingHealthMonitoring[];

}  // namespace diego::rep
