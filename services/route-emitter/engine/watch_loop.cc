#include "services/route-emitter/engine/watch_loop.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "libs/models/revision.h"

namespace diego::route_emitter {
namespace {

bool IsDesired(const Change& change) {
  return std::holds_alternative<DesiredSet>(change) ||
         std::holds_alternative<DesiredRemoved>(change);
}

// The LRP of which an instance begins to run, or runs differently.
std::optional<ProcessGuid> RunningProcess(const Change& change) {
  const ActualLrp* lrp = nullptr;
  if (const auto* created = std::get_if<InstanceCreated>(&change)) lrp = &created->lrp;
  if (const auto* changed = std::get_if<InstanceChanged>(&change)) lrp = &changed->after;
  if (lrp == nullptr || lrp->state != ActualLrpState::kRunning) return std::nullopt;
  return lrp->key.process_guid;
}

}  // namespace

WatchLoop::WatchLoop(const WatchOptions& options, BbsFeed& feed, RouteState& state,
                     const Clock& clock, EmitterMetrics& metrics, const log::Logger& log)
    : options_(options),
      feed_(feed),
      state_(state),
      clock_(clock),
      metrics_(metrics),
      log_(log.Session("watcher")),
      sync_log_(log_.Session("sync")) {}

absl::Duration WatchLoop::Step() {
  if (must_sync_ || clock_.Monotonic() >= next_sync_) return Sync();
  return Follow();
}

bool WatchLoop::synced() const {
  return synced_.With([](bool synced) { return synced; });
}

absl::Duration WatchLoop::Sync() {
  const absl::Duration began = clock_.Monotonic();
  sync_log_.Debug("starting");
  const absl::StatusOr<FeedSnapshot> read = feed_.List();
  if (!read.ok()) {
    log_.Error("failed-to-sync-events", read.status());
    metrics_.SyncFailed();
    next_sync_ = clock_.Monotonic() + options_.retry_pause;
    // What is being followed goes on being followed meanwhile.
    return must_sync_ ? options_.retry_pause : absl::ZeroDuration();
  }
  const int64_t follow_after = std::min(read->desired_revision, read->actual_revision);
  // By another kind of BBS than the one that is followed.
  if (!CountedAlike(follow_after, std::max(desired_revision_, actual_revision_))) must_sync_ = true;
  if (!must_sync_ && follow_after < std::max(desired_revision_, actual_revision_)) {
    // Older than what we know; the next one will not be.
    next_sync_ = clock_.Monotonic() + options_.retry_pause;
    return absl::ZeroDuration();
  }
  const TableUpdate update =
      state_.Update([&](RoutingTable& table) { return table.Resync(read->snapshot); });
  Report(update);
  if (update.blank_snapshot) {
    log_.Error("kept-table-over-blank-snapshot",
               absl::FailedPreconditionError("the BBS lists no LRP and no fresh domain"));
  }
  if (must_sync_) {
    log_.Info("subscribing-to-bbs-events", {{"after_revision", follow_after}});
    feed_.FollowAfter(follow_after);
  }
  must_sync_ = false;
  desired_revision_ = read->desired_revision;
  actual_revision_ = read->actual_revision;
  const absl::Duration now = clock_.Monotonic();
  next_sync_ = now + options_.sync_interval;
  synced_.With([](bool& synced) { synced = true; });
  metrics_.Synced(now - began,
                  update.messages.registrations.size() + update.messages.unregistrations.size());
  sync_log_.Debug("complete", {{"revision", follow_after},
                               {"desired_lrps", read->snapshot.desired.size()},
                               {"instances", read->snapshot.actuals.size()}});
  return absl::ZeroDuration();
}

absl::Duration WatchLoop::Follow() {
  const absl::Duration until_sync = next_sync_ - clock_.Monotonic();
  const absl::StatusOr<std::optional<FeedGroup>> next =
      feed_.Next(std::clamp(until_sync, absl::ZeroDuration(), options_.longest_wait));
  if (next.ok()) {
    if (!*next) return absl::ZeroDuration();
    following_ = true;
    Take(**next);
    return absl::ZeroDuration();
  }
  if (absl::IsOutOfRange(next.status()) || absl::IsDataLoss(next.status())) {
    log_.Info("changes-missed", {{"error", next.status()}});
    must_sync_ = true;
    return absl::ZeroDuration();
  }
  if (following_) log_.Error("event-source-error", next.status());
  following_ = false;
  return options_.retry_pause;
}

void WatchLoop::Take(const FeedGroup& group) {
  for (const Change& change : group.changes) {
    // The stream begins after the older half of the snapshot: the other half is further.
    const int64_t known = IsDesired(change) ? desired_revision_ : actual_revision_;
    if (group.revision <= known) continue;
    LearnRoutes(change);
    const TableUpdate update =
        state_.Update([&](RoutingTable& table) { return table.Apply(change); });
    metrics_.Changed(update.messages);
    Report(update);
  }
  desired_revision_ = std::max(desired_revision_, group.revision);
  actual_revision_ = std::max(actual_revision_, group.revision);
}

void WatchLoop::LearnRoutes(const Change& change) {
  const std::optional<ProcessGuid> process_guid = RunningProcess(change);
  if (!process_guid || state_.Knows(*process_guid)) return;
  const absl::StatusOr<RoutingInfo> info = feed_.Find(*process_guid);
  if (!info.ok()) {
    if (!absl::IsNotFound(info.status())) {
      log_.Error("failed-getting-desired-lrp", info.status(),
                 {{"process_guid", process_guid->value()}});
    }
    return;  // the next sync brings them
  }
  state_.Update([&](RoutingTable& table) { return table.Apply(DesiredSet{*info}); });
}

void WatchLoop::Report(const TableUpdate& update) {
  for (const Collision& collision : update.collisions) {
    metrics_.Collided();
    log_.Info("collision-detected-with-endpoint", {{"address", collision.address},
                                                   {"instance_guid_a", collision.first.value()},
                                                   {"instance_guid_b", collision.second.value()}});
  }
}

}  // namespace diego::route_emitter
