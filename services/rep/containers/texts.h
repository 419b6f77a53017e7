// Words that people and other components read, exactly as reference/behaviours.md section 10 has
// them. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

// As Go prints a duration: "1m0s", "1.5s", "100ms", "0s".
std::string DurationText(absl::Duration duration);

// "Exit status 1 (exceeded 10s graceful shutdown interval) (out of memory)"; `exceeded` is zero
// when the process ended in time.
std::string ExitLogLine(ProcessExit exit, absl::Duration exceeded);
// "APP/PROC/WEB: Exited with status 1 (out of memory)"
std::string ExitReason(absl::string_view log_source, ProcessExit exit);
// "exceeded 1m0s timeout", and "; <inner>" when there is one.
std::string TimeoutReason(absl::Duration timeout, absl::string_view inner);
// The non-empty ones, "; " between.
std::string JoinReasons(const std::vector<std::string>& reasons);
// At most `most_bytes`, the middle replaced by "(truncated)".
std::string CutMiddle(std::string text, size_t most_bytes);

inline constexpr size_t kMaxFailureReasonBytes = 10000;

}  // namespace diego::rep
