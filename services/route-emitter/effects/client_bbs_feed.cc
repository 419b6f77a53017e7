#include "services/route-emitter/effects/client_bbs_feed.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/status_util.h"
#include "services/route-emitter/effects/route_parser.h"

namespace diego::route_emitter {
namespace {

// Groups read but not yet taken in. Past it reading waits, and in the end the BBS cuts the stream
// off; it is then resumed.
constexpr size_t kMostWaitingGroups = 10000;
constexpr absl::Duration kPauseWhenFull = absl::Milliseconds(20);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(500);

}  // namespace

struct ClientBbsFeed::Following {
  using Item = absl::StatusOr<clients::EventGroup>;

  explicit Following(std::unique_ptr<clients::BbsSubscription> opened)
      : subscription(std::move(opened)), queue(kMostWaitingGroups) {
    reader = std::make_unique<Worker>("bbs-events", [this] { return Read(); });
  }
  ~Following() {
    queue.Close();
    subscription->Cancel();
    reader->Stop();
  }

  absl::Duration Read() {
    if (!waiting) waiting = subscription->Next();
    const bool failed = !waiting->ok();
    if (!queue.TryPush(*waiting)) return kPauseWhenFull;
    waiting.reset();
    return failed ? kPauseAfterError : absl::ZeroDuration();
  }

  std::unique_ptr<clients::BbsSubscription> subscription;
  BoundedQueue<Item> queue;
  std::optional<Item> waiting;  // read, but the queue was full; of the reader's thread
  std::unique_ptr<Worker> reader;
};

ClientBbsFeed::ClientBbsFeed(clients::BbsClient& client, CellId cell_id, const log::Logger& log)
    : client_(client), cell_id_(std::move(cell_id)), log_(log.Session("bbs-feed")) {}

ClientBbsFeed::~ClientBbsFeed() = default;

absl::StatusOr<FeedSnapshot> ClientBbsFeed::List() {
  FeedSnapshot read;
  clients::ActualLrpFilter actual_filter;
  actual_filter.cell_id = cell_id_;
  DIEGO_ASSIGN_OR_RETURN(auto actuals, client_.ActualLrps(actual_filter));
  clients::DesiredLrpFilter desired_filter;
  if (!cell_id_.empty()) {
    std::set<ProcessGuid> guids;
    for (const ActualLrp& lrp : actuals.records) guids.insert(lrp.key.process_guid);
    desired_filter.process_guids.assign(guids.begin(), guids.end());
  }
  clients::Listing<DesiredLrp> desired;
  desired.revision = actuals.revision;
  // An empty filter would list all.
  if (cell_id_.empty() || !desired_filter.process_guids.empty()) {
    DIEGO_ASSIGN_OR_RETURN(desired, client_.DesiredLrpRoutingInfos(desired_filter));
  }
  DIEGO_ASSIGN_OR_RETURN(const auto domains, client_.Domains());

  read.actual_revision = actuals.revision;
  read.desired_revision = desired.revision;
  read.snapshot.actuals = std::move(actuals.records);
  read.snapshot.desired.reserve(desired.records.size());
  for (const DesiredLrp& lrp : desired.records) read.snapshot.desired.push_back(Parse(lrp));
  read.snapshot.fresh_domains.insert(domains.begin(), domains.end());
  return read;
}

absl::StatusOr<RoutingInfo> ClientBbsFeed::Find(const ProcessGuid& process_guid) {
  clients::DesiredLrpFilter filter;
  filter.process_guids = {process_guid};
  DIEGO_ASSIGN_OR_RETURN(const auto found, client_.DesiredLrpRoutingInfos(filter));
  if (found.records.empty()) return absl::NotFoundError("no such desired LRP");
  return Parse(found.records.front());
}

void ClientBbsFeed::FollowAfter(int64_t revision) {
  following_.reset();
  clients::EventFilter filter;
  filter.cell_id = cell_id_;
  following_ = std::make_unique<Following>(client_.Subscribe(filter, revision));
}

absl::StatusOr<std::optional<FeedGroup>> ClientBbsFeed::Next(absl::Duration timeout) {
  if (!following_) return absl::FailedPreconditionError("nothing is followed yet");
  std::vector<Following::Item> items = following_->queue.PopSome(1, timeout);
  if (items.empty()) return std::optional<FeedGroup>();
  if (!items.front().ok()) return items.front().status();
  FeedGroup group;
  group.revision = items.front()->revision;
  for (const clients::BbsEvent& event : items.front()->events) {
    if (std::optional<Change> change = ChangeOf(event)) group.changes.push_back(*std::move(change));
  }
  return std::optional<FeedGroup>(std::move(group));
}

RoutingInfo ClientBbsFeed::Parse(const DesiredLrp& lrp) const {
  ParsedRoutes parsed = ParseRoutes(lrp);
  for (const std::string& fault : parsed.faults) {
    log_.Info("ignored-route", {{"process_guid", lrp.process_guid.value()}, {"fault", fault}});
  }
  return std::move(parsed.info);
}

std::optional<Change> ClientBbsFeed::ChangeOf(const clients::BbsEvent& event) const {
  if (const auto* e = std::get_if<clients::DesiredLrpCreated>(&event)) {
    return DesiredSet{Parse(e->lrp)};
  }
  if (const auto* e = std::get_if<clients::DesiredLrpChanged>(&event)) {
    return DesiredSet{Parse(e->after)};
  }
  if (const auto* e = std::get_if<clients::DesiredLrpRemoved>(&event)) {
    return DesiredRemoved{e->lrp.process_guid, e->lrp.tag};
  }
  if (const auto* e = std::get_if<clients::ActualLrpCreated>(&event)) {
    return InstanceCreated{e->lrp};
  }
  if (const auto* e = std::get_if<clients::ActualLrpChanged>(&event)) {
    return InstanceChanged{e->before, e->after};
  }
  if (const auto* e = std::get_if<clients::ActualLrpRemoved>(&event)) {
    return InstanceRemoved{e->lrp};
  }
  return std::nullopt;  // crashes come with a change of their own; tasks have no routes
}

}  // namespace diego::route_emitter
