#include "libs/clients/bbs_client.h"

#include <catch2/catch.hpp>

#include "libs/clients/fake_bbs.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/worker.h"

namespace diego::clients {
namespace {

// Two BBSs and a client of both; the first one is asked first.
struct Fixture {
  rpc::TestCertificates certificates;
  FakeBbs first;
  FakeBbs second;
  std::unique_ptr<rpc::Server> first_server = Serve(first);
  std::unique_ptr<rpc::Server> second_server = Serve(second);
  std::unique_ptr<BbsClient> client = Connect();

  ~Fixture() {
    first.Stop();
    second.Stop();
  }
  std::unique_ptr<rpc::Server> Serve(FakeBbs& bbs) {
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(rpc::Role::kBbs);
    auto server = rpc::Server::Start(options, {&bbs});
    REQUIRE(server.ok());
    return *std::move(server);
  }
  std::unique_ptr<BbsClient> Connect() {
    ConnectionOptions options;
    options.addresses = {first_server->address(), second_server->address()};
    options.tls = certificates.For(rpc::Role::kRep, "cell-1");
    options.pause = absl::Milliseconds(20);
    options.timeout = absl::Seconds(30);
    options.connect_timeout = absl::Seconds(20);
    auto connected = BbsClient::Create(options);
    REQUIRE(connected.ok());
    return *std::move(connected);
  }
};

DesiredLrp SampleLrp() {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid("p");
  lrp.domain = Domain("d");
  return lrp;
}

std::vector<std::string> Names(const EventGroup& group) {
  std::vector<std::string> names;
  for (const BbsEvent& event : group.events) {
    names.push_back(std::get<TaskCreated>(event).task.task_guid.value());
  }
  return names;
}
using List = std::vector<std::string>;

// The next group that holds events.
EventGroup NextEvents(BbsSubscription& subscription) {
  while (true) {
    auto group = subscription.Next();
    INFO(group.status());
    REQUIRE(group.ok());
    if (!group->events.empty()) return *std::move(group);
  }
}

TEST_CASE("bbs client: the active BBS is found among several, also for calls that must not repeat",
          "[clients]") {
  Fixture fixture;
  fixture.first.data.With([](FakeBbs::Data& data) { data.active = false; });
  CHECK(fixture.client->DesireLrp(SampleLrp()).ok());
  CHECK(fixture.second.data.With([](const FakeBbs::Data& d) { return d.desired; }) == List{"p"});
  CHECK(fixture.client->Ping().ok());
  CHECK(fixture.first.calls == 1);
}

TEST_CASE("bbs client: a refusal keeps its Diego type", "[clients]") {
  Fixture fixture;
  REQUIRE(fixture.client->DesireLrp(SampleLrp()).ok());
  const absl::Status status = fixture.client->DesireLrp(SampleLrp());
  CHECK(IsDiegoError(status, ErrorType::kResourceExists));
  CHECK(status.message() == "the requested resource already exists");
}

TEST_CASE("bbs client: a change whose answer is lost is sent again under the same request id",
          "[clients]") {
  Fixture fixture;
  fixture.first.data.With([](FakeBbs::Data& data) { data.lose_answers = true; });
  CHECK(fixture.client->DesireLrp(SampleLrp()).ok());
  const auto ids = [](FakeBbs& bbs) {
    return bbs.data.With([](const FakeBbs::Data& d) { return d.request_ids; });
  };
  REQUIRE(ids(fixture.first).size() == 1);
  CHECK_FALSE(ids(fixture.first)[0].empty());
  CHECK(ids(fixture.second) == ids(fixture.first));
  // The next call is another one, unless the caller says that it is not.
  CHECK(absl::IsAlreadyExists(fixture.client->DesireLrp(SampleLrp())));
  CHECK(absl::IsAlreadyExists(fixture.client->DesireLrp(SampleLrp(), "mine")));
  REQUIRE(ids(fixture.second).size() == 3);
  CHECK(ids(fixture.second)[1] != ids(fixture.first)[0]);
  CHECK(ids(fixture.second)[2] == "mine");
}

TEST_CASE("bbs client: a list that breaks half-way is begun anew elsewhere", "[clients]") {
  Fixture fixture;
  fixture.first.data.With([](FakeBbs::Data& data) { data.break_after_chunks = 1; });
  const auto listing = fixture.client->ActualLrps({});
  INFO(listing.status());
  REQUIRE(listing.ok());
  CHECK(listing->revision == 7);
  REQUIRE(listing->records.size() == 2);
  CHECK(listing->records[0].key.index == 0);
  CHECK(listing->records[1].key.index == 1);
}

TEST_CASE("bbs client: what a BBS does not offer is an error, not a wait", "[clients]") {
  Fixture fixture;
  CHECK(absl::IsUnimplemented(fixture.client->Cells().status()));
}

TEST_CASE("bbs client: what to do with the container when an evacuation call fails", "[clients]") {
  Fixture fixture;  // offers no evacuation
  const ActualLrpKey key{ProcessGuid("p"), 0, Domain("d")};
  const InstanceKey instance{InstanceGuid("i"), CellId("c")};
  BbsClient& client = *fixture.client;
  CHECK(client.EvacuateClaimedActualLrp(key, instance).keep_container);
  CHECK(client.EvacuateRunningActualLrp({key, instance, {}, {}, {}, {}, ""}).keep_container);
  CHECK_FALSE(client.EvacuateStoppedActualLrp(key, instance).keep_container);
  CHECK_FALSE(client.EvacuateCrashedActualLrp(key, instance, "x").keep_container);
  CHECK_FALSE(client.EvacuateClaimedActualLrp(key, instance).status.ok());
}

TEST_CASE("bbs client: nobody there is Unavailable and names the address", "[clients]") {
  Fixture fixture;
  const std::string address = fixture.second_server->address();
  fixture.first_server->Shutdown(absl::ZeroDuration());
  fixture.second_server->Shutdown(absl::ZeroDuration());
  const absl::Status status = fixture.client->Ping();
  CHECK(absl::IsUnavailable(status));
  CHECK(std::string(status.message()).find(address) != std::string::npos);
}

TEST_CASE("subscription: whole revisions come in order, from now on or after one", "[clients]") {
  Fixture fixture;
  fixture.first.Commit({"a"});
  fixture.first.Commit({"b", "c"});
  auto from_now = fixture.client->Subscribe({}, std::nullopt);
  const auto bookmark = from_now->Next();
  REQUIRE(bookmark.ok());
  CHECK(bookmark->revision == 2);
  CHECK(bookmark->events.empty());
  auto from_start = fixture.client->Subscribe({}, 0);
  CHECK(Names(NextEvents(*from_start)) == List{"a"});
  const EventGroup second = NextEvents(*from_start);
  CHECK(second.revision == 2);
  CHECK(Names(second) == List{"b", "c"});
  CHECK(from_start->revision() == 2);
  fixture.first.Commit({"d"});
  CHECK(Names(NextEvents(*from_now)) == List{"d"});
  CHECK(Names(NextEvents(*from_start)) == List{"d"});
}

TEST_CASE("subscription: broken off within a revision, it resumes elsewhere, no gap, no duplicate",
          "[clients]") {
  Fixture fixture;
  for (FakeBbs* bbs : {&fixture.first, &fixture.second}) {
    bbs->Commit({"a"});
    bbs->Commit({"b", "c", "d"});
    bbs->Commit({"e"});
  }
  fixture.first.data.With([](FakeBbs::Data& data) { data.break_after_events = 2; });
  auto subscription = fixture.client->Subscribe({}, 0);
  CHECK(Names(NextEvents(*subscription)) == List{"a"});
  CHECK(Names(NextEvents(*subscription)) == List{"b", "c", "d"});
  CHECK(Names(NextEvents(*subscription)) == List{"e"});
  CHECK(fixture.second.data.With([](const FakeBbs::Data& d) { return d.streams; }) == 1);
  // The second stands down, the first takes over.
  fixture.first.data.With([](FakeBbs::Data& data) { data.break_after_events = 0; });
  fixture.second.data.With([](FakeBbs::Data& data) { data.active = false; });
  fixture.first.Commit({"f"});
  CHECK(Names(NextEvents(*subscription)) == List{"f"});
}

TEST_CASE("subscription: a BBS that cannot resume says so", "[clients]") {
  Fixture fixture;
  fixture.first.Commit({"a"});
  fixture.first.Commit({"b"});
  fixture.first.data.With([](FakeBbs::Data& data) { data.oldest = 2; });
  auto subscription = fixture.client->Subscribe({}, 1);
  CHECK(absl::IsOutOfRange(subscription->Next().status()));
  CHECK(absl::IsOutOfRange(fixture.client->Subscribe({}, 9)->Next().status()));
}

TEST_CASE("subscription: who is cut off for being slow is to list anew", "[clients]") {
  Fixture fixture;
  fixture.first.data.With([](FakeBbs::Data& data) {
    data.break_after_events = 1;
    data.break_with = absl::ResourceExhaustedError("too far behind; list anew");
  });
  fixture.first.Commit({"a"});
  fixture.first.Commit({"b", "c"});
  auto subscription = fixture.client->Subscribe({}, 0);
  CHECK(Names(NextEvents(*subscription)) == List{"a"});
  auto cut_off = subscription->Next();
  for (int i = 0; i < 5 && cut_off.ok(); ++i) cut_off = subscription->Next();
  REQUIRE(absl::IsOutOfRange(cut_off.status()));
  CHECK_THAT(std::string(cut_off.status().message()), Catch::Contains("too far behind"));
  CHECK(fixture.first.data.With([](const FakeBbs::Data& d) { return d.streams; }) == 1);
}

TEST_CASE("subscription: an event that cannot be read is told, and the rest follows", "[clients]") {
  Fixture fixture;
  fixture.first.Commit({"bad", "a"});
  auto subscription = fixture.client->Subscribe({}, 0);
  REQUIRE(subscription->Next().ok());  // the bookmark
  const auto bad = subscription->Next();
  CHECK(bad.status().code() == absl::StatusCode::kDataLoss);
  CHECK(Names(NextEvents(*subscription)) == List{"a"});
}

TEST_CASE("subscription: cancelling ends a waiting Next and all later ones", "[clients]") {
  Fixture fixture;
  auto subscription = fixture.client->Subscribe({}, std::nullopt);
  REQUIRE(subscription->Next().ok());
  Worker canceller("cancel", [&] {
    subscription->Cancel();
    return absl::Hours(1);
  });
  CHECK(absl::IsCancelled(subscription->Next().status()));
  CHECK(absl::IsCancelled(subscription->Next().status()));
}

}  // namespace
}  // namespace diego::clients
