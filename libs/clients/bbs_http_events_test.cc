// The events of a BBS of the original, and its kind and ours taking each other's place.
#include "libs/clients/bbs_http_events.h"

#include <catch2/catch.hpp>

#include "libs/base/clock.h"
#include "libs/clients/fake_bbs.h"
#include "libs/clients/original_bbs_world.h"
#include "libs/rpc/server.h"
#include "libs/sync/worker.h"
#include "proto/models/events.pb.h"

namespace diego::clients {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

models::TaskCreatedEvent Created(const std::string& task_guid) {
  models::TaskCreatedEvent event;
  event.mutable_task()->set_task_guid(task_guid);
  event.mutable_task()->set_state(models::Task::Pending);
  return event;
}

struct Followed : OriginalBbsWorld {
  Followed() {
    models::PingResponse pong;
    pong.set_available(true);
    bbs.Answer("/v1/ping", pong);
    client = Connect();
  }
  int64_t List() {
    const auto listing = client->Tasks({});
    REQUIRE(listing.ok());
    return listing->revision;
  }
  // The next event's task; bookmarks are passed over.
  static absl::StatusOr<std::string> NextTask(BbsSubscription& subscription) {
    while (true) {
      auto group = subscription.Next();
      if (!group.ok()) return group.status();
      if (group->events.empty()) continue;
      return std::get<TaskCreated>(group->events[0]).task.task_guid.value();
    }
  }
  // As callers do who miss nothing.
  std::unique_ptr<BbsSubscription> ListAndSubscribe() {
    auto subscription = client->Subscribe(kTasks, List());
    REQUIRE(absl::IsOutOfRange(subscription->Next().status()));
    subscription = client->Subscribe(kTasks, List());
    const auto bookmark = subscription->Next();
    INFO(bookmark.status().ToString());
    REQUIRE(bookmark.ok());
    CHECK(bookmark->events.empty());
    return subscription;
  }

  const EventFilter kTasks{CellId(), false, false, true};
  std::unique_ptr<BbsClient> client;
};

TEST_CASE(
    "original bbs: who has listed before the stream was open must list anew, then misses "
    "nothing",
    "[clients]") {
  Followed world;
  auto subscription = world.client->Subscribe(world.kTasks, world.List());
  CHECK(absl::IsOutOfRange(subscription->Next().status()));
  const int64_t listed = world.List();
  world.bbs.Send("task_created", Created("between"));
  subscription = world.client->Subscribe(world.kTasks, listed);
  CHECK(*Followed::NextTask(*subscription) == "between");
  world.bbs.Send("not_known", Created("x"));
  world.bbs.Send("task_created", Created("after"));
  CHECK(*Followed::NextTask(*subscription) == "after");
  CHECK(*subscription->revision() > listed);
  // A list from now on is newer than both.
  CHECK(world.List() == *subscription->revision());
}

TEST_CASE("original bbs: without a revision events come from now on, of what was asked for",
          "[clients]") {
  Followed world;
  EventFilter filter{CellId("c"), false, true, true};
  const auto subscription = world.client->Subscribe(filter, std::nullopt);
  REQUIRE(subscription->Next().ok());
  const auto asked = world.bbs.TakeAsked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].path == "/v1/ping");
  for (size_t i : {1, 2}) {
    CHECK(asked[i].content_type.empty());
    const bool of_tasks = asked[i].path == "/v1/events/tasks.r1";
    CHECK((of_tasks || asked[i].path == "/v1/events/lrp_instances.r1"));
    models::EventsByCellId by_cell;
    REQUIRE(by_cell.ParseFromString(asked[i].body));
    CHECK(by_cell.cell_id() == (of_tasks ? "" : "c"));
  }
  // Instances were not asked for, but share the stream of desired LRPs.
  models::ActualLRPInstanceRemovedEvent instance;
  world.bbs.Send("actual_lrp_instance_removed", instance);
  models::DesiredLRPRemovedEvent desired;
  desired.mutable_desired_lrp()->set_process_guid("web");
  world.bbs.Send("desired_lrp_removed", desired);
  const auto group = subscription->Next();
  REQUIRE(group.ok());
  REQUIRE(group->events.size() == 1);
  CHECK(std::get<DesiredLrpRemoved>(group->events[0]).lrp.process_guid.value() == "web");
}

TEST_CASE("original bbs: a stream that breaks is over for who followed it", "[clients]") {
  const std::string bytes =
      GENERATE("", "event: task_created\ndata: !!\n\n", "event: task_created\ndata: /////w==\n\n");
  Followed world;
  auto subscription = world.ListAndSubscribe();
  world.bbs.Send("task_created", Created("last"));
  CHECK(*Followed::NextTask(*subscription) == "last");
  world.bbs.SendBytes(bytes);
  CHECK(absl::IsOutOfRange(subscription->Next().status()));
  subscription = world.client->Subscribe(world.kTasks, world.List());
  REQUIRE(subscription->Next().ok());
  world.bbs.Send("task_created", Created("new"));
  CHECK(*Followed::NextTask(*subscription) == "new");
}

TEST_CASE("original bbs: a waiting Next is cancelled", "[clients]") {
  Followed world;
  const auto subscription = world.client->Subscribe(world.kTasks, std::nullopt);
  REQUIRE(subscription->Next().ok());
  Guarded<std::optional<absl::Status>> seen;
  Worker reader("reader", [&] {
    const absl::Status status = subscription->Next().status();
    seen.With([&](auto& s) { s = status; });
    return absl::InfiniteDuration();
  });
  subscription->Cancel();
  const bool cancelled = seen.When([](const auto& s) { return s.has_value(); }, kPatience,
                                   [](const auto& s, bool) { return s && absl::IsCancelled(*s); });
  CHECK(cancelled);
}

// Which kind of BBS serves.

std::unique_ptr<rpc::Server> Serve(FakeBbs& bbs, OriginalBbsWorld& world,
                                   const std::string& address) {
  rpc::ServerOptions options;
  options.address = address;
  options.tls = world.certificates.For(rpc::Role::kBbs);
  auto server = rpc::Server::Start(options, {&bbs});
  REQUIRE(server.ok());
  return *std::move(server);
}

// A call that went out just as its BBS ended is not repeated at the other kind, and a connection
// takes its time: the next call, or one after it, is answered.
bool AnsweredInTime(BbsClient& client) {
  const absl::Duration end = RealClock().Monotonic() + kPatience;
  while (!client.Ping().ok()) {
    if (RealClock().Monotonic() > end) return false;
  }
  return true;
}

TEST_CASE("bbs client: each kind of BBS may take the other's place", "[clients]") {
  OriginalBbsWorld world;
  models::PingResponse pong;
  pong.set_available(true);
  world.bbs.Answer("/v1/ping", pong);
  FakeBbs ours;
  auto grpc = Serve(ours, world, "127.0.0.1:0");
  const std::string grpc_address = grpc->address();
  const std::string http_address = world.bbs.address();
  ConnectionOptions options = world.OptionsFor({grpc_address, world.bbs.url()});
  Guarded<std::vector<std::string>> lines;
  options.log = log::Logger({.component = "cell", .sink = [&lines](absl::string_view line) {
                               lines.With([&](auto& all) { all.emplace_back(line); });
                             }});
  const auto client = OriginalBbsWorld::Connect(options);

  CHECK(client->Ping().ok());  // both serve: ours is preferred
  CHECK(ours.calls == 1);
  CHECK(world.bbs.TakeAsked().empty());
  for (int round = 0; round < 2; ++round) {
    grpc.reset();
    CHECK(AnsweredInTime(*client));
    CHECK(world.bbs.TakeAsked().size() == 1);
    CHECK(client->Ping().ok());  // and stays there
    CHECK(world.bbs.TakeAsked().size() == 1);
    world.bbs.Stop();
    grpc = Serve(ours, world, grpc_address);
    ours.calls = 0;
    CHECK(AnsweredInTime(*client));
    CHECK(ours.calls == 1);
    REQUIRE(world.bbs.Start(world.certificates.For(rpc::Role::kNone), http_address).ok());
  }
  // It is told at every change, and only then.
  const std::string by_grpc =
      absl::StrCat(R"("data":{"address":")", grpc_address, R"(","protocol":"grpc"})");
  const std::string by_http =
      absl::StrCat(R"("data":{"address":"https://)", http_address, R"(","protocol":"http"})");
  const auto told = lines.With([](const auto& all) { return all; });
  const std::string expected[] = {by_grpc, by_http, by_grpc, by_http, by_grpc};
  REQUIRE(told.size() == std::size(expected));
  for (size_t i = 0; i < told.size(); ++i) {
    CHECK_THAT(told[i], Catch::Contains(R"("message":"cell.served-by-bbs","log_level":1)"));
    CHECK_THAT(told[i], Catch::Contains(expected[i]));
  }
}

TEST_CASE("bbs client: what ours may have carried out is not asked of the original", "[clients]") {
  OriginalBbsWorld world;
  FakeBbs ours;
  ours.data.With([](FakeBbs::Data& data) { data.lose_answers = true; });
  const auto grpc = Serve(ours, world, "127.0.0.1:0");
  const auto client = world.Connect(std::vector<std::string>{grpc->address(), world.bbs.url()});
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid("p");
  lrp.domain = Domain("d");
  CHECK(absl::IsUnavailable(client->DesireLrp(lrp)));
  CHECK(ours.data.With([](const FakeBbs::Data& data) { return data.request_ids.size(); }) == 3);
  CHECK(world.bbs.TakeAsked().empty());
}

TEST_CASE("original bbs: nobody there, or somebody else, is Unavailable", "[clients]") {
  OriginalBbsWorld world;
  CHECK(
      absl::IsUnavailable(world.Connect(std::vector<std::string>{"https://127.0.0.1:1"})->Ping()));
  rpc::TestCertificates others;
  OriginalBbs stranger;
  REQUIRE(stranger.Start(others.For(rpc::Role::kNone), "127.0.0.1:0").ok());
  CHECK(absl::IsUnavailable(world.Connect(std::vector<std::string>{stranger.url()})->Ping()));
  CHECK(stranger.TakeAsked().empty());
}

TEST_CASE("original bbs: its certificate carries the name that was given, else the host's",
          "[clients]") {
  struct Case {
    const char* host;  // the certificate names 127.0.0.1 and localhost
    const char* server_name;
    bool answered;
  };
  const auto c = GENERATE(values<Case>({{"127.0.0.1", "", true},
                                        {"127.0.0.1", "localhost", true},
                                        {"127.0.0.1", "elsewhere.internal", false},
                                        {"127.0.0.1", "no name at all", false},
                                        {"127.0.0.2", "", false},
                                        {"127.0.0.2", "localhost", true},
                                        {"127.0.0.2", "127.0.0.1", true}}));
  INFO(c.host << " as " << c.server_name);
  OriginalBbsWorld world;
  OriginalBbs bbs;
  REQUIRE(bbs.Start(world.certificates.For(rpc::Role::kNone), absl::StrCat(c.host, ":0")).ok());
  models::PingResponse pong;
  pong.set_available(true);
  bbs.Answer("/v1/ping", pong);
  const std::string port = bbs.url().substr(bbs.url().rfind(':'));
  ConnectionOptions options = world.OptionsFor({absl::StrCat("https://", c.host, port)});
  options.server_name = c.server_name;
  const absl::Status status = OriginalBbsWorld::Connect(options)->Ping();
  INFO(status.ToString());
  CHECK(status.ok() == c.answered);
  CHECK((absl::IsUnavailable(status) || c.answered));
  CHECK(bbs.TakeAsked().size() == (c.answered ? 1 : 0));
}

}  // namespace
}  // namespace diego::clients
