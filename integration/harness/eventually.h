// Waits for something outside this process to become true: looks, and looks again after a short
// pause, until a deadline.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace diego::harness {

// Calls `holds` until it returns OK, or Aborted (it never will). At the deadline: DeadlineExceeded
// naming `what` and the last status. `holds` should return quickly; the pause between looks is
// 20 ms growing to 200 ms.
absl::Status Eventually(const std::string& what, absl::Duration timeout,
                        const std::function<absl::Status()>& holds);

}  // namespace diego::harness
