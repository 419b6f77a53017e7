// Committer: makes one group after the other durable, one transaction each, and keeps proving that
// the term holds office. Rules 2 to 4 of docs/architecture.md "Rules of the engine".
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "services/bbs/engine/commit_store.h"
#include "services/bbs/engine/engine_metrics.h"
#include "services/bbs/engine/group.h"
#include "services/bbs/engine/settings.h"

namespace diego::bbs {

// Until when the database's last word that we hold office is good. Written by the committer, read
// by whoever answers from committed state. Thread-safe.
class Confirmation {
 public:
  // Times are Clock::Monotonic().
  void Extend(absl::Duration asked_at, absl::Duration good_for) {
    good_until_nanos_.store(absl::ToInt64Nanoseconds(asked_at + good_for),
                            std::memory_order_release);
  }
  void Withdraw() { good_until_nanos_.store(INT64_MIN, std::memory_order_release); }
  bool GoodAt(absl::Duration now) const {
    return absl::ToInt64Nanoseconds(now) < good_until_nanos_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<int64_t> good_until_nanos_{INT64_MIN};
};

// A group that has committed and waits to be published. `revision` is the new one, or that of the
// last group with changes when it has none.
struct CommittedGroup {
  uint64_t revision = 0;
  Group group;
};
using CommittedGroups = BoundedQueue<CommittedGroup>;

class Committer {
 public:
  // What is referred to outlives it.
  Committer(const EngineSettings& settings, const Clock& clock, const log::Logger& log,
            uint64_t epoch, CommitStore* store, OpenGroup* open_group, CommittedGroups* committed,
            Confirmation* confirmation, EngineMetrics* metrics);

  // Once, before the first Step: where the term begins, and when office was asked for.
  void Start(uint64_t revision, absl::Duration asked_at);

  // Committer thread: commits one group, or settles an unsure one, or asks the database to confirm
  // the epoch when that is due. Blocks up to `patience` when there is nothing to do, and as long as
  // the store does. Returns how long to pause. Not OK: the term is over.
  absl::StatusOr<absl::Duration> Step(absl::Duration patience);

  // After the last Step: passes on a group that has landed, or else answers its calls with
  // `reason`.
  void Close(const absl::Status& reason);

 private:
  absl::StatusOr<absl::Duration> SettleInHand();
  absl::StatusOr<absl::Duration> Confirm();
  absl::StatusOr<absl::Duration> Unsure(const absl::Status& detail);
  absl::Status Rejected(const CommitReply& reply);
  void Release();

  const EngineSettings& settings_;
  const Clock& clock_;
  const log::Logger log_;
  CommitStore* const store_;
  OpenGroup* const open_group_;
  CommittedGroups* const committed_;
  Confirmation* const confirmation_;
  EngineMetrics* const metrics_;

  Fence fence_;            // of the last batch that landed
  uint64_t revision_ = 0;  // of the same
  absl::Duration confirmed_at_;
  bool unsure_ = false;
  Group in_hand_;        // being committed
  bool landed_ = false;  // in_hand_ has committed and only waits for room to be published
};

}  // namespace diego::bbs
