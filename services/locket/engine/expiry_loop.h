// ExpiryLoop: removes leases whose TTL ran out. It hands suspicions to the engine, which decides
// under the row's lock; and it scans all rows at start and every five seconds (the burglar), so
// that rows written through another server, or before a restart, run out too.
// Source: reference/locket-grpc-api.md "Expiry".
#pragma once

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/locket/core/expiry_watch.h"
#include "services/locket/engine/lease_engine.h"
#include "services/locket/engine/lease_store.h"
#include "services/locket/engine/metrics.h"

namespace diego::locket {

// Belongs to the thread that calls Step.
class ExpiryLoop {
 public:
  struct Options {
    absl::Duration scan_interval = absl::Seconds(5);
    // After a scan that failed; nothing expires until one succeeds.
    absl::Duration scan_retry = absl::Seconds(1);
    // A loop that comes back later than it meant to by this much was paused, and with it perhaps
    // the whole server: leases get a new TTL, as their owners may not have been heard.
    absl::Duration overslept = absl::Seconds(2);
    // The longest wait between two steps: leases granted meanwhile are noticed after it.
    absl::Duration longest_wait = absl::Milliseconds(250);
    size_t most_a_step = 256;
  };

  ExpiryLoop(const Options& options, LeaseStore& store, LeaseEngine& engine,
             Guarded<ExpiryWatch>& watch, const Clock& clock, LocketMetrics& metrics,
             log::Logger log);

  // Scans when it is time, submits what is due; how long to wait before the next step.
  absl::Duration Step();

 private:
  void Scan();

  const Options options_;
  LeaseStore& store_;
  LeaseEngine& engine_;
  Guarded<ExpiryWatch>& watch_;
  const Clock& clock_;
  LocketMetrics& metrics_;
  const log::Logger log_;
  absl::Duration next_scan_ = -absl::InfiniteDuration();
  absl::Duration expected_back_ = absl::InfiniteDuration();
  bool scan_failed_ = false;
};

}  // namespace diego::locket
