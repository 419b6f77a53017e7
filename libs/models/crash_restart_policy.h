// CrashRestartPolicy: how often and how soon an instance that crashes is started again, as an
// operator says it. What is unset falls through, from the desired LRP to its domain and from there
// to the numbers that are built in. Ours; source: reference/design-notes.md section 4.
#pragma once

#include <cstdint>
#include <optional>

namespace diego {

struct CrashRestartPolicy {
  // Crashes below this count are restarted at once: 0 to 9, and below the maximum.
  std::optional<int32_t> number_of_immediate_restarts;
  // The longest wait before a restart: above 30.
  std::optional<int32_t> max_seconds_between_restarts;
  // At this count an instance is given up; 0 = never.
  std::optional<int32_t> max_restart_attempts;

  bool empty() const { return *this == CrashRestartPolicy(); }
  friend bool operator==(const CrashRestartPolicy&, const CrashRestartPolicy&) = default;
};

}  // namespace diego
