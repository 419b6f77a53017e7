// LeaseEngine: everything that writes leases, in arrival order on one thread, many requests a
// transaction. While one group commits the next one gathers.
//
// Nothing is answered before the group it rests on has committed, refusals included: a collision
// may rest on a grant of the same group. A group that fails on what the database thinks of one row
// is tried again request by request, so that one request cannot fail its neighbours.
//
// Expiry gives way: within a group it comes last, and what was suspected before an outage or a
// stall of the store ended is dropped, as owners could not be heard meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "libs/sync/guarded.h"
#include "services/locket/core/expiry_watch.h"
#include "services/locket/core/lease_table.h"
#include "services/locket/engine/lease_store.h"
#include "services/locket/engine/metrics.h"

namespace diego::locket {

class LeaseEngine {
 public:
  struct Options {
    size_t queue_capacity = 20000;
    size_t group_most = 256;
    // How long a step waits for the first request.
    absl::Duration patience = absl::Milliseconds(100);
    // A transaction that takes this long was an outage for those who wait to refresh.
    absl::Duration stalled = absl::Seconds(2);
    uint64_t seed = 0;
  };
  // The outcome, and the lease's fencing token after an acquisition. Called exactly once, on the
  // engine's thread or, when refused at the door, on the caller's.
  using Reply = std::function<void(const absl::Status& status, int64_t fencing_token)>;
  // Told, on the engine's thread, of an error that trying again does not heal.
  using GiveUp = std::function<void(const absl::Status& status)>;

  // All references must outlive the engine.
  LeaseEngine(const Options& options, LeaseStore& store, Guarded<ExpiryWatch>& watch,
              const Clock& clock, LocketMetrics& metrics, log::Logger log, GiveUp give_up);

  // Any thread. At the door: what Validate() refuses, and ResourceExhausted when too many wait.
  void Submit(LeaseRequest request, Reply reply);

  // One group: waits for requests, commits them, answers. Returns how long to wait before the next
  // step (zero). One thread.
  absl::Duration Step();

  // Refuses later requests (Unavailable) and answers all that wait likewise. Any thread, after the
  // last Step.
  void Close();

 private:
  struct Waiting {
    LeaseRequest request;
    Reply reply;
    absl::Duration submitted;
  };
  using Group = std::vector<Waiting>;
  absl::Status Commit(const Group& group, std::vector<Decision>* decisions);
  void RunGroup(const Group& group);
  void ProlongAll();
  void DropOutdatedExpiry(Group& group) const;
  void Observe(const Group& group, const std::vector<Decision>& decisions);
  void Log(const LeaseRequest& request, const Decision& decision) const;

  const Options options_;
  LeaseStore& store_;
  Guarded<ExpiryWatch>& watch_;
  const Clock& clock_;
  LocketMetrics& metrics_;
  const log::Logger log_;
  const GiveUp give_up_;
  BoundedQueue<Waiting> queue_;
  // Of the thread that calls Step.
  Random random_;
  absl::Duration prolonged_at_ = -absl::InfiniteDuration();
};

}  // namespace diego::locket
