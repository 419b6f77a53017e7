#include "services/bbs/core/domain_rules.h"

#include <utility>

namespace diego::bbs {

Outcome Decide(const Facts& facts, const UpsertDomain& command) {
  const absl::Time expiry =
      command.ttl == absl::ZeroDuration() ? absl::InfiniteFuture() : facts.stamp.now + command.ttl;
  const Record<DomainRecord> before = facts.state.FindDomain(command.domain);
  Outcome outcome;
  DomainRecord after = before != nullptr ? *before : DomainRecord{command.domain, expiry};
  after.expire_time = expiry;
  if (command.crash_restart_policy) after.crash_restart_policy = *command.crash_restart_policy;
  if (before == nullptr || *before != after) {
    outcome.changes.push_back(Becomes(before, std::move(after)));
  }
  return outcome;
}

bool IsFresh(const DomainRecord& record, absl::Time now) {
  const absl::Time epoch = absl::UnixEpoch();
  const absl::Time rounded =
      epoch + absl::Floor(now - epoch + absl::Milliseconds(500), absl::Seconds(1));
  return record.expire_time > rounded;
}

bool IsFresh(const State& state, const Domain& domain, absl::Time now) {
  const Record<DomainRecord> record = state.FindDomain(domain);
  return record != nullptr && IsFresh(*record, now);
}

}  // namespace diego::bbs
