#include "integration/harness/eventually.h"

#include <poll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"

namespace diego::harness {

absl::Status Eventually(const std::string& what, absl::Duration timeout,
                        const std::function<absl::Status()>& holds) {
  const absl::Duration deadline = RealClock().Monotonic() + timeout;
  int pause_ms = 20;
  while (true) {
    const absl::Status status = holds();
    if (status.ok() || absl::IsAborted(status)) return status;
    if (RealClock().Monotonic() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          what, ": not within ", absl::FormatDuration(timeout), "; last seen: ", status.message()));
    }
    poll(nullptr, 0, pause_ms);
    pause_ms = std::min(pause_ms * 2, 200);
  }
}

}  // namespace diego::harness
