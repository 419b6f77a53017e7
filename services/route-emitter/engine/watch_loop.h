// WatchLoop: keeps the table true to the BBS. A snapshot, then every committed change after its
// revision; a new snapshot each sync_interval, and at once when changes were missed. While no BBS
// can be reached the table stays as it is. Source: reference/route-emitter.md "Sync".
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/route-emitter/engine/bbs_feed.h"
#include "services/route-emitter/engine/emitter_metrics.h"
#include "services/route-emitter/engine/route_state.h"

namespace diego::route_emitter {

struct WatchOptions {
  absl::Duration sync_interval = absl::Seconds(60);
  absl::Duration retry_pause = absl::Seconds(1);          // after any failure
  absl::Duration longest_wait = absl::Milliseconds(500);  // for an event, so that Stop is quick
};

// Step: one thread. synced: any.
class WatchLoop {
 public:
  WatchLoop(const WatchOptions& options, BbsFeed& feed, RouteState& state, const Clock& clock,
            EmitterMetrics& metrics, const log::Logger& log);

  // Syncs when it is time to, else takes in the next group of changes; returns how long to wait.
  absl::Duration Step();
  // True once the table has been read whole.
  bool synced() const;

 private:
  absl::Duration Sync();
  absl::Duration Follow();
  void Take(const FeedGroup& group);
  // An instance runs of an LRP whose routes are not known: learns them first.
  void LearnRoutes(const Change& change);
  void Report(const TableUpdate& update);

  const WatchOptions options_;
  BbsFeed& feed_;
  RouteState& state_;
  const Clock& clock_;
  EmitterMetrics& metrics_;
  const log::Logger log_;
  const log::Logger sync_log_;

  bool must_sync_ = true;
  bool following_ = true;         // the last Next was answered; trouble is logged once
  absl::Duration next_sync_;      // Clock::Monotonic()
  int64_t desired_revision_ = 0;  // desired LRPs and instances are known up to these
  int64_t actual_revision_ = 0;
  Guarded<bool> synced_;
};

}  // namespace diego::route_emitter
