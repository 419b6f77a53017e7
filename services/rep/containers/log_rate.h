// How much of an app's output is let through. Pure: time comes in.
// Source: reference/behaviours.md section 10 "log pipeline".
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace diego::rep {

struct LogLimits {
  int64_t bytes_per_second = -1;  // -1 = unlimited, 0 = nothing
  int64_t lines_per_second = 0;   // 0 = unlimited
};

// Counts in windows of one second. Not thread-safe.
class LogRate {
 public:
  explicit LogRate(LogLimits limits) : limits_(limits) {}

  struct Answer {
    bool write = false;
    std::string complaint;  // to be written to the app's log first; once a window
  };
  Answer OnLine(size_t bytes, absl::Duration now);

 private:
  const LogLimits limits_;
  absl::Duration window_start_ = -absl::InfiniteDuration();
  int64_t bytes_ = 0;
  int64_t lines_ = 0;
  bool complained_ = false;
};

}  // namespace diego::rep
