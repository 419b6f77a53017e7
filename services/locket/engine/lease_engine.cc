#include "services/locket/engine/lease_engine.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace diego::locket {
namespace {

// The database itself was away: trying requests one by one would only take longer.
bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

bool IsExpiry(const LeaseRequest& request) { return std::holds_alternative<ExpireLease>(request); }

}  // namespace

LeaseEngine::LeaseEngine(const Options& options, LeaseStore& store, Guarded<ExpiryWatch>& watch,
                         const Clock& clock, LocketMetrics& metrics, log::Logger log,
                         GiveUp give_up)
    : options_(options),
      store_(store),
      watch_(watch),
      clock_(clock),
      metrics_(metrics),
      log_(std::move(log)),
      give_up_(std::move(give_up)),
      queue_(options.queue_capacity),
      random_(options.seed) {}

void LeaseEngine::Submit(LeaseRequest request, Reply reply) {
  if (absl::Status fault = Validate(request); !fault.ok()) return reply(fault, 0);
  Waiting waiting{std::move(request), std::move(reply), clock_.Monotonic()};
  if (queue_.TryPush(waiting)) return;
  if (queue_.closed()) return waiting.reply(absl::UnavailableError("locket is shutting down"), 0);
  waiting.reply(absl::ResourceExhaustedError(absl::StrCat(
                    options_.queue_capacity, " requests wait for the database; try again later")),
                0);
}

absl::Duration LeaseEngine::Step() {
  Group group = queue_.PopSome(options_.group_most, options_.patience);
  DropOutdatedExpiry(group);
  std::stable_partition(group.begin(), group.end(),
                        [](const Waiting& one) { return !IsExpiry(one.request); });
  if (!group.empty()) RunGroup(group);
  return absl::ZeroDuration();
}

void LeaseEngine::DropOutdatedExpiry(Group& group) const {
  const auto outdated = [&](const Waiting& one) {
    return IsExpiry(one.request) && one.submitted < prolonged_at_;
  };
  for (const Waiting& one : group) {
    if (outdated(one)) one.reply(absl::OkStatus(), 0);
  }
  group.erase(std::remove_if(group.begin(), group.end(), outdated), group.end());
}

void LeaseEngine::ProlongAll() {
  prolonged_at_ = clock_.Monotonic();
  watch_.With([&](ExpiryWatch& watch) { watch.GrantGrace(prolonged_at_); });
}

void LeaseEngine::Close() {
  queue_.Close();
  while (true) {
    const Group group = queue_.PopSome(options_.group_most, absl::ZeroDuration());
    if (group.empty()) return;
    for (const Waiting& one : group) {
      one.reply(absl::UnavailableError("locket is shutting down"), 0);
    }
  }
}

absl::Status LeaseEngine::Commit(const Group& group, std::vector<Decision>* decisions) {
  std::set<std::string> keys;
  std::vector<SeededRequest> requests;
  requests.reserve(group.size());
  for (const Waiting& one : group) {
    keys.insert(KeyOf(one.request));
    requests.push_back({one.request, random_.Next()});
  }
  return store_.Transact(keys, [&](LeaseTable table) {
    GroupDecision decided = DecideGroup(std::move(table), requests);
    *decisions = std::move(decided.decisions);
    return std::move(decided.changes);
  });
}

void LeaseEngine::RunGroup(const Group& group) {
  const absl::Duration start = clock_.Monotonic();
  std::vector<Decision> decisions;
  const absl::Status committed = Commit(group, &decisions);
  if (committed.ok()) {
    const absl::Duration took = clock_.Monotonic() - start;
    metrics_.GroupCommitted(group.size(), took);
    if (took >= options_.stalled) ProlongAll();
    Observe(group, decisions);
    for (size_t i = 0; i < group.size(); ++i) {
      Log(group[i].request, decisions[i]);
      group[i].reply(decisions[i].status, decisions[i].fencing_token);
    }
    return;
  }

  metrics_.GroupFailed();
  if (store_.HasLostItsTables(committed)) {
    give_up_(committed);
  } else if (group.size() > 1 && !IsOutage(committed)) {
    for (const Waiting& one : group) RunGroup({one});
    return;
  }
  ProlongAll();
  log_.Error("group-failed", committed, {{"requests", group.size()}});
  for (const Waiting& one : group) one.reply(ToldToClients(committed), 0);
}

void LeaseEngine::Observe(const Group& group, const std::vector<Decision>& decisions) {
  const absl::Duration now = clock_.Monotonic();
  watch_.With([&](ExpiryWatch& watch) {
    for (const Decision& decision : decisions) {
      if (!decision.change) continue;
      const LeaseChange& change = *decision.change;
      const bool same_grant =
          change.before && change.after && change.before->modified_id == change.after->modified_id;
      if (change.before && !same_grant) watch.Forget(change.key, change.before->modified_id);
      if (change.after) watch.Observe(*change.after, now);
    }
  });
  for (size_t i = 0; i < group.size(); ++i) {
    if (decisions[i].kind == Decision::Kind::kExpired) {
      metrics_.Expired(decisions[i].change->before->type);
    }
  }
}

void LeaseEngine::Log(const LeaseRequest& request, const Decision& decision) const {
  using Kind = Decision::Kind;
  const auto fields = [&](const Lease& lease) -> log::Fields {
    return {{"key", lease.key}, {"owner", lease.owner}, {"type", LeaseTypeName(lease.type)}};
  };
  switch (decision.kind) {
    case Kind::kGranted: {
      log::Fields data = fields(*decision.change->after);
      data.emplace_back("fencing_token", decision.fencing_token);
      return log_.Info("acquired-lock", data);
    }
    case Kind::kReleased: return log_.Info("released-lock", fields(*decision.change->before));
    case Kind::kExpired: return log_.Info("lock-expired", fields(*decision.change->before));
    case Kind::kRefused:
      if (const auto* release = std::get_if<ReleaseLease>(&request)) {
        return log_.Error("fetch-failed-owner-mismatch", decision.status,
                          {{"key", release->key}, {"owner", release->owner}});
      }
      return log_.Debug("lock-refused", {{"key", KeyOf(request)}, {"reason", decision.status}});
    case Kind::kNothing:
      // Renewed or released meanwhile, or another server was first.
      if (const auto* expiry = std::get_if<ExpireLease>(&request)) {
        log_.Debug("release-failed-index-mismatch",
                   {{"key", expiry->key}, {"owner", expiry->owner}});
      }
      return;
    case Kind::kRefreshed: return;
  }
}

}  // namespace diego::locket
