#include "services/locket/engine/expiry_loop.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace diego::locket {

ExpiryLoop::ExpiryLoop(const Options& options, LeaseStore& store, LeaseEngine& engine,
                       Guarded<ExpiryWatch>& watch, const Clock& clock, LocketMetrics& metrics,
                       log::Logger log)
    : options_(options),
      store_(store),
      engine_(engine),
      watch_(watch),
      clock_(clock),
      metrics_(metrics),
      log_(std::move(log)) {}

absl::Duration ExpiryLoop::Step() {
  const absl::Duration start = clock_.Monotonic();
  if (start - expected_back_ > options_.overslept) {
    log_.Info("leases-prolonged-after-pause", {{"paused_for", start - expected_back_}});
    watch_.With([&](ExpiryWatch& watch) { watch.GrantGrace(start); });
  }
  if (start >= next_scan_) Scan();

  const absl::Duration now = clock_.Monotonic();
  const size_t most = scan_failed_ ? 0 : options_.most_a_step;
  const std::vector<ExpireLease> due =
      watch_.With([&](ExpiryWatch& watch) { return watch.TakeDue(now, most); });
  // A request that cannot be carried out needs no care here: the next scan finds the row again.
  for (const ExpireLease& lease : due) {
    engine_.Submit(lease, [](const absl::Status&, int64_t) {});
  }

  const absl::Duration deadline =
      watch_.With([](ExpiryWatch& watch) { return watch.NextDeadline(); });
  const absl::Duration next = scan_failed_ ? next_scan_ : std::min(next_scan_, deadline);
  const absl::Duration wait = std::clamp(next - now, absl::ZeroDuration(), options_.longest_wait);
  expected_back_ = now + wait;
  return wait;
}

void ExpiryLoop::Scan() {
  const absl::StatusOr<std::vector<Lease>> rows = store_.Scan();
  const absl::Duration now = clock_.Monotonic();
  next_scan_ = now + options_.scan_interval;
  if (!rows.ok()) {
    log_.Error("scan-failed", rows.status());
    scan_failed_ = true;
    next_scan_ = now + options_.scan_retry;
    return;
  }
  size_t locks = 0;
  size_t presences = 0;
  watch_.With([&](ExpiryWatch& watch) {
    if (std::exchange(scan_failed_, false)) watch.GrantGrace(now);
    for (const Lease& lease : *rows) {
      watch.Observe(lease, now);
      if (lease.owner.empty()) continue;
      locks += lease.type == LeaseType::kLock;
      presences += lease.type == LeaseType::kPresence;
    }
  });
  metrics_.Counted(locks, presences);
}

}  // namespace diego::locket
