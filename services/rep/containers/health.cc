#include "services/rep/containers/health.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/rep/containers/texts.h"

namespace diego::rep {

const char kStartingHealthMonitoring[] = "Starting health monitoring of container";

HealthTracker::HealthTracker(HealthTiming timing, absl::Duration started)
    : timing_(timing), started_(started) {}

HealthVerdict HealthTracker::OnCheck(bool passed, absl::string_view reason, absl::Duration now) {
  HealthVerdict verdict;
  if (passed) {
    if (!healthy_) {
      healthy_ = true;
      verdict.kind = HealthVerdict::Kind::kBecameHealthy;
      verdict.log_line = "Container became healthy";
    }
    return verdict;
  }
  if (healthy_) {
    verdict.kind = HealthVerdict::Kind::kFailed;
    verdict.log_line = "Container became unhealthy";
    verdict.failure_reason = absl::StrCat("Instance became unhealthy: ", reason);
    return verdict;
  }
  verdict.next_check = timing_.unhealthy_interval;
  if (timing_.start_timeout <= absl::ZeroDuration()) return verdict;
  const absl::Duration left = started_ + timing_.start_timeout - now;
  if (left > absl::ZeroDuration()) {
    // The last look falls on the time-out itself, not after it.
    verdict.next_check = std::min(*verdict.next_check, left);
    return verdict;
  }
  const std::string limit = DurationText(timing_.start_timeout);
  verdict.kind = HealthVerdict::Kind::kFailed;
  verdict.log_line = absl::StrCat("Failed after ", limit, ": startup health check never passed.");
  verdict.failure_reason = absl::StrCat("Instance never healthy after ", limit, ": ", reason);
  verdict.next_check.reset();
  return verdict;
}

}  // namespace diego::rep
