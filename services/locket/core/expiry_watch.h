// ExpiryWatch: which leases this server watches, and which of them have run out.
//
// A watch is known by (key, modified_id) and is moved only by a higher modified_index: a stale
// reading never prolongs a lease, a lease granted anew gets a watch of its own. A watch that fires
// is only a suspicion; ExpireLease decides under the row's lock.
// Source: reference/locket-grpc-api.md "Expiry".
//
// Unlike the original, a watch grants grace after an outage: while the store could not be written
// nobody could refresh, so a lease runs out only a whole TTL after the store was last known to come
// back (missing information never stops an instance).
//
// Times are monotonic. A plain value: one thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/locket/core/lease.h"
#include "services/locket/core/lease_table.h"

namespace diego::locket {

class ExpiryWatch {
 public:
  // The lease was seen (granted, refreshed, or read by the scan) at `now`. No effect when it is
  // already watched at this or a later index, or is free.
  void Observe(const Lease& lease, absl::Duration now);
  // The grant is over: nothing to watch any more.
  void Forget(const std::string& key, const std::string& modified_id);
  // No lease observed before `now` runs out earlier than its TTL from `now`.
  void GrantGrace(absl::Duration now);

  // Up to `most` leases that ran out at or before `now`, no longer watched. A lease that turns out
  // to be alive is observed again by the next scan.
  std::vector<ExpireLease> TakeDue(absl::Duration now, size_t most);
  // When the next watch runs out; InfiniteDuration when nothing is watched.
  absl::Duration NextDeadline() const;
  size_t size() const { return watches_.size(); }

 private:
  using Id = std::pair<std::string, std::string>;  // key, modified_id
  struct Watch {
    std::string owner;
    int64_t modified_index = 0;
    absl::Duration observed;
    absl::Duration ttl;
    absl::Duration deadline;
  };
  void SetDeadline(const Id& id, Watch& watch, absl::Duration deadline);

  absl::Duration grace_from_ = -absl::InfiniteDuration();
  std::map<Id, Watch> watches_;
  std::set<std::pair<absl::Duration, Id>> by_deadline_;
};

}  // namespace diego::locket
