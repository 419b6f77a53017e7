#include "services/locket/core/expiry_watch.h"

#include <algorithm>

namespace diego::locket {

void ExpiryWatch::SetDeadline(const Id& id, Watch& watch, absl::Duration deadline) {
  by_deadline_.erase({watch.deadline, id});
  watch.deadline = deadline;
  by_deadline_.insert({deadline, id});
}

void ExpiryWatch::Observe(const Lease& lease, absl::Duration now) {
  if (lease.owner.empty()) return;
  const Id id{lease.key, lease.modified_id};
  const auto [found, is_new] = watches_.try_emplace(id);
  Watch& watch = found->second;
  if (!is_new && watch.modified_index >= lease.modified_index) return;
  watch.owner = lease.owner;
  watch.modified_index = lease.modified_index;
  watch.observed = now;
  watch.ttl = absl::Seconds(lease.ttl_seconds);
  SetDeadline(id, watch, now + watch.ttl);
}

void ExpiryWatch::Forget(const std::string& key, const std::string& modified_id) {
  const auto found = watches_.find({key, modified_id});
  if (found == watches_.end()) return;
  by_deadline_.erase({found->second.deadline, found->first});
  watches_.erase(found);
}

void ExpiryWatch::GrantGrace(absl::Duration now) { grace_from_ = std::max(grace_from_, now); }

std::vector<ExpireLease> ExpiryWatch::TakeDue(absl::Duration now, size_t most) {
  std::vector<ExpireLease> due;
  while (!by_deadline_.empty() && due.size() < most && by_deadline_.begin()->first <= now) {
    const Id id = by_deadline_.begin()->second;
    Watch& watch = watches_.at(id);
    // Grace is settled when a watch comes due, so granting it costs nothing for the others.
    const absl::Duration deadline = std::max(watch.observed, grace_from_) + watch.ttl;
    if (deadline > now) {
      SetDeadline(id, watch, deadline);
      continue;
    }
    due.push_back({id.first, watch.owner, id.second, watch.modified_index});
    Forget(id.first, id.second);
  }
  return due;
}

absl::Duration ExpiryWatch::NextDeadline() const {
  return by_deadline_.empty() ? absl::InfiniteDuration() : by_deadline_.begin()->first;
}

}  // namespace diego::locket
