// BbsFeed: the port to what the BBS knows. Effects own the real one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/route-emitter/core/routing_table.h"

namespace diego::route_emitter {

// Everything, and the revision each half of it stands at.
struct FeedSnapshot {
  Snapshot snapshot;
  int64_t desired_revision = 0;
  int64_t actual_revision = 0;
};

// The changes of one committed revision, in order.
struct FeedGroup {
  int64_t revision = 0;
  std::vector<Change> changes;
};

// Used by one thread. All methods block for a bounded time.
class BbsFeed {
 public:
  virtual ~BbsFeed() = default;
  virtual absl::StatusOr<FeedSnapshot> List() = 0;
  // What is known of one desired LRP; NotFound.
  virtual absl::StatusOr<RoutingInfo> Find(const ProcessGuid& process_guid) = 0;
  // Begins to follow what is committed after `revision`, instead of what was followed before.
  virtual void FollowAfter(int64_t revision) = 0;
  // The next group; nothing when none came within `timeout`.
  //   OutOfRange, DataLoss  changes were missed: list anew, follow after that
  //   any other error       no news can be had now; the next call tries again
  virtual absl::StatusOr<std::optional<FeedGroup>> Next(absl::Duration timeout) = 0;
};

}  // namespace diego::route_emitter
