#include "services/route-emitter/engine/watch_loop.h"

#include <catch2/catch.hpp>
#include <deque>

#include "libs/models/revision.h"
#include "libs/testing/fake_clock.h"

namespace diego::route_emitter {
namespace {

// A BBS that commits what it is told and goes away when asked.
class FakeFeed final : public BbsFeed {
 public:
  absl::StatusOr<FeedSnapshot> List() override {
    if (away) return absl::UnavailableError("no BBS");
    ++lists;
    return snapshot;
  }
  absl::StatusOr<RoutingInfo> Find(const ProcessGuid& process_guid) override {
    ++finds;
    for (const RoutingInfo& info : snapshot.snapshot.desired) {
      if (info.process_guid == process_guid) return info;
    }
    return absl::NotFoundError("no such LRP");
  }
  void FollowAfter(int64_t revision) override { followed.push_back(revision); }
  absl::StatusOr<std::optional<FeedGroup>> Next(absl::Duration) override {
    if (away) return absl::UnavailableError("no BBS");
    if (!broken.ok()) return std::exchange(broken, absl::OkStatus());
    if (groups.empty()) return std::optional<FeedGroup>();
    FeedGroup group = groups.front();
    groups.pop_front();
    return std::optional<FeedGroup>(group);
  }

  FeedSnapshot snapshot;
  std::deque<FeedGroup> groups;
  absl::Status broken;
  bool away = false;
  int lists = 0;
  int finds = 0;
  std::vector<int64_t> followed;
};

RoutingInfo Info(const std::string& guid, uint32_t tag = 0) {
  RoutingInfo info;
  info.process_guid = ProcessGuid(guid);
  info.instances = 10;
  info.tag = {"e", tag};
  info.http_routes.push_back({8080, guid + ".com", "", "", "", ""});
  return info;
}

ActualLrp Running(const std::string& guid, const std::string& instance, uint32_t port) {
  ActualLrp lrp;
  lrp.key.process_guid = ProcessGuid(guid);
  lrp.instance.instance_guid = InstanceGuid(instance);
  lrp.state = ActualLrpState::kRunning;
  lrp.net_info.address = "10.0.0.1";
  lrp.net_info.ports = {{8080, port, 0, 0}};
  lrp.tag = {instance, 1};
  return lrp;
}

struct World {
  World() : registry("route_emitter"), metrics(registry), state({}) {
    feed.snapshot.snapshot.desired = {Info("web")};
    feed.snapshot.snapshot.actuals = {Running("web", "a", 61000)};
    feed.snapshot.snapshot.fresh_domains = {Domain("d")};
    feed.snapshot.desired_revision = 10;
    feed.snapshot.actual_revision = 10;
  }
  // How many names are registered now.
  size_t Routes() {
    while (state.Pop(absl::ZeroDuration())) {
    }
    state.QueueAll(RouterKind::kRouter);
    const auto all = state.Pop(absl::ZeroDuration());
    return all ? all->registrations.size() : 0;
  }

  FakeClock clock;
  metrics::Registry registry;
  EmitterMetrics metrics;
  FakeFeed feed;
  RouteState state;
  std::vector<std::string> lines;
  log::Logger log{{.component = "route-emitter",
                   .level = log::Level::kDebug,
                   .sink = [this](absl::string_view line) { lines.emplace_back(line); }}};
  WatchLoop loop{{}, feed, state, clock, metrics, log};
};

TEST_CASE("watch: a snapshot, then what is committed after it", "[route-emitter][watch]") {
  World world;
  CHECK_FALSE(world.loop.synced());
  world.loop.Step();
  CHECK(world.loop.synced());
  CHECK(world.feed.followed == std::vector<int64_t>{10});
  CHECK(world.Routes() == 1);
  world.feed.groups.push_back({11, {InstanceCreated{Running("web", "b", 61001)}}});
  world.loop.Step();
  CHECK(world.Routes() == 2);
}

TEST_CASE("watch: a sync and a subscription are logged as the original logs them",
          "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  REQUIRE(world.lines.size() == 3);
  CHECK_THAT(world.lines[0], Catch::Contains(R"("route-emitter.watcher.sync.starting")"));
  CHECK_THAT(world.lines[1],
             Catch::Contains(R"("route-emitter.watcher.subscribing-to-bbs-events")"));
  CHECK_THAT(world.lines[2], Catch::Contains(R"("route-emitter.watcher.sync.complete")"));
}

TEST_CASE("watch: changes that the snapshot already holds are skipped, each kind by its revision",
          "[route-emitter][watch]") {
  World world;
  world.feed.snapshot.actual_revision = 12;
  world.loop.Step();
  CHECK(world.feed.followed == std::vector<int64_t>{10});
  world.feed.groups.push_back({11, {InstanceCreated{Running("web", "gone", 61001)}}});
  world.feed.groups.push_back({12, {DesiredSet{Info("api")}}});
  world.feed.groups.push_back({13, {InstanceCreated{Running("api", "b", 61002)}}});
  for (int i = 0; i < 3; ++i) world.loop.Step();
  CHECK(world.Routes() == 2);  // web/a and api/b
}

TEST_CASE("watch: the table is kept while no BBS can be reached", "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  world.feed.away = true;
  for (int i = 0; i < 5; ++i) {
    world.loop.Step();
    world.clock.Advance(absl::Minutes(1));
  }
  CHECK(world.Routes() == 1);
  CHECK(world.feed.lists == 1);
  world.feed.away = false;
  world.loop.Step();
  CHECK(world.feed.lists == 2);
  CHECK(world.feed.followed.size() == 1);  // the subscription mended itself
}

TEST_CASE("watch: missed changes lead to a resync by difference", "[route-emitter][watch]") {
  const auto error = GENERATE(absl::StatusCode::kOutOfRange, absl::StatusCode::kDataLoss);
  World world;
  world.loop.Step();
  world.Routes();
  world.feed.snapshot.snapshot.actuals = {Running("web", "b", 61005)};
  world.feed.snapshot.desired_revision = world.feed.snapshot.actual_revision = 50;
  world.feed.broken = absl::Status(error, "missed");
  world.loop.Step();
  world.loop.Step();
  CHECK(world.feed.lists == 2);
  CHECK(world.feed.followed == std::vector<int64_t>{10, 50});
  const auto difference = world.state.Pop(absl::ZeroDuration());
  REQUIRE(difference);
  CHECK(difference->registrations.size() == 1);
  CHECK(difference->unregistrations.size() == 1);
}

TEST_CASE("watch: a full sync is made every interval and does not interrupt the stream",
          "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  world.clock.Advance(absl::Seconds(59));
  world.loop.Step();
  CHECK(world.feed.lists == 1);
  world.clock.Advance(absl::Seconds(1));
  world.feed.snapshot.desired_revision = world.feed.snapshot.actual_revision = 20;
  world.loop.Step();
  CHECK(world.feed.lists == 2);
  CHECK(world.feed.followed.size() == 1);
  // What the stream still brings from before the sync is old news.
  world.feed.groups.push_back({15, {InstanceCreated{Running("web", "old", 61009)}}});
  world.loop.Step();
  CHECK(world.Routes() == 1);
}

TEST_CASE("watch: a snapshot older than what is known is not taken", "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  world.feed.groups.push_back({30, {InstanceCreated{Running("web", "b", 61001)}}});
  world.loop.Step();
  world.clock.Advance(absl::Minutes(2));
  world.loop.Step();  // reads revision 10 again
  CHECK(world.Routes() == 2);
}

TEST_CASE("watch: routes of an unknown LRP are learnt when its instance runs",
          "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  world.feed.snapshot.snapshot.desired.push_back(Info("api"));
  world.feed.groups.push_back({11, {InstanceCreated{Running("api", "b", 61001)}}});
  world.feed.groups.push_back({12, {InstanceCreated{Running("none", "c", 61002)}}});
  world.loop.Step();
  world.loop.Step();
  CHECK(world.feed.finds == 2);
  CHECK(world.Routes() == 2);
}

TEST_CASE("watch: a database that has gone blank takes no route away", "[route-emitter][watch]") {
  World world;
  world.loop.Step();
  world.feed.snapshot = {};
  world.feed.snapshot.desired_revision = world.feed.snapshot.actual_revision = 99;
  world.clock.Advance(absl::Minutes(2));
  world.loop.Step();
  CHECK(world.feed.lists == 2);
  CHECK(world.Routes() == 1);
}

TEST_CASE("watch: a BBS of another kind, which counts otherwise, is followed from its own snapshot",
          "[route-emitter][watch]") {
  const auto [before, after] = GENERATE(std::pair<int64_t, int64_t>{10, kFirstCountedByClient + 5},
                                        std::pair<int64_t, int64_t>{kFirstCountedByClient + 5, 10});
  World world;
  world.feed.snapshot.desired_revision = world.feed.snapshot.actual_revision = before;
  world.loop.Step();
  world.feed.snapshot.desired_revision = world.feed.snapshot.actual_revision = after;
  world.clock.Advance(absl::Minutes(2));
  world.loop.Step();
  CHECK(world.feed.followed == std::vector<int64_t>{before, after});
  world.feed.groups.push_back({after + 1, {InstanceCreated{Running("web", "b", 61001)}}});
  world.loop.Step();
  CHECK(world.Routes() == 2);
}

}  // namespace
}  // namespace diego::route_emitter
