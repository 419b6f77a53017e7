// The whole server over mutual TLS and SQLite, with a real Locket, as clients of every role meet
// it.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "libs/sync/worker.h"
#include "libs/wire/desired_lrp.h"
#include "services/bbs/server_fixture.h"

namespace diego::bbs {
namespace {

using grpc::StatusCode;
using rpc::Role;

TEST_CASE("bbs: what is desired is listed, started by a cell, and told to subscribers",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  const auto client = bbs.ClientAs(Role::kRouteEmitter);
  const auto before = client->ActualLrps({});
  REQUIRE(before.ok());
  CHECK(before->records.empty());

  REQUIRE(Desire(*operation, DesireRequest("app", 2)).ok());
  const grpc::Status again = Desire(*operation, DesireRequest("app", 2));
  CHECK(again.error_code() == StatusCode::ALREADY_EXISTS);
  CHECK(IsDiegoError(rpc::FromGrpc(again), ErrorType::kResourceExists));
  const auto cell = bbs.As(server, Role::kRep, "cell-1");
  REQUIRE(Start(*cell, StartRequest("app", 0, "cell-1")).ok());

  const auto after = client->ActualLrps({});
  REQUIRE(after.ok());
  REQUIRE(after->records.size() == 2);
  CHECK(after->records[0].state == ActualLrpState::kRunning);
  CHECK(after->revision == before->revision + 2);

  const auto subscription = client->Subscribe({}, before->revision);
  auto first = subscription->Next();
  while (first.ok() && first->events.empty()) first = subscription->Next();
  REQUIRE(first.ok());
  CHECK(first->revision == before->revision + 1);
  CHECK(first->events.size() == 3);
  const auto second = subscription->Next();
  REQUIRE(second.ok());
  CHECK(second->revision == after->revision);
  REQUIRE(second->events.size() == 1);
  CHECK(std::holds_alternative<clients::ActualLrpChanged>(second->events[0]));
  CHECK(bbs.ClientAs(Role::kRouteEmitter)->Subscribe({}, 99)->Next().status().code() ==
        absl::StatusCode::kOutOfRange);
}

TEST_CASE("bbs: who may not is told so, and nothing changes", "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  REQUIRE(Desire(*operation, DesireRequest("app", 1)).ok());

  CHECK(Desire(*bbs.As(server, Role::kRep, "cell-1"), DesireRequest("b", 1)).error_code() ==
        StatusCode::PERMISSION_DENIED);
  CHECK(Desire(*bbs.As(server, Role::kNone), DesireRequest("b", 1)).error_code() ==
        StatusCode::PERMISSION_DENIED);
  const auto cell = bbs.As(server, Role::kRep, "cell-1");
  const grpc::Status foreign = Start(*cell, StartRequest("app", 0, "cell-2"));
  CHECK(foreign.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK_THAT(foreign.error_message(), Catch::Contains("cell-2"));
  CHECK(Start(*operation, StartRequest("app", 0, "cell-1")).error_code() ==
        StatusCode::PERMISSION_DENIED);

  models::DesireLRPRequest invalid = DesireRequest("no spaces please", -1);
  const grpc::Status refused = Desire(*operation, invalid);
  CHECK(refused.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(refused.error_message(),
             Catch::Contains("process_guid") && Catch::Contains("instances"));
  models::DesireLRPRequest huge = DesireRequest("huge", 1);
  huge.mutable_desired_lrp()->set_annotation(std::string(100 << 20, 'x'));
  CHECK(Desire(*operation, huge).error_code() == StatusCode::RESOURCE_EXHAUSTED);

  const auto listing = bbs.ClientAs(Role::kOperator)->DesiredLrps({});
  REQUIRE(listing.ok());
  CHECK(listing->records.size() == 1);
}

TEST_CASE("bbs: a standby refuses, takes over at once when the active one leaves, and knows all",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& first = bbs.StartActiveBbs("one");
  BbsServer& second = bbs.StartBbs("two");
  const auto standby = bbs.As(second, Role::kOperator);
  const grpc::Status refused = Desire(*standby, DesireRequest("app", 1));
  CHECK(refused.error_code() == StatusCode::UNAVAILABLE);
  CHECK(refused.error_message() == "this BBS is not active");
  REQUIRE(Desire(*bbs.As(first, Role::kOperator), DesireRequest("app", 3)).ok());
  const auto client = bbs.ClientAs(Role::kRouteEmitter);
  const auto before = client->ActualLrps({});
  REQUIRE(before.ok());

  const absl::Duration left_at = RealClock().Monotonic();
  bbs.servers.erase(bbs.servers.begin());
  REQUIRE(Eventually([&] { return second.active(); }));
  CHECK(RealClock().Monotonic() - left_at < absl::Seconds(3));
  const auto after = client->ActualLrps({});
  REQUIRE(after.ok());
  CHECK(after->records.size() == 3);
  CHECK(after->revision == before->revision);
  // Up to date with the old master is up to date with the new one.
  const auto subscription = client->Subscribe({}, before->revision);
  CHECK(subscription->Next().ok());
}

// A call that changes something, under a request id.
template <typename Request, typename Response>
grpc::Status Once(Bbs::Stub& stub, const std::string& id,
                  grpc::Status (Bbs::Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                  const Request& request, Response* response) {
  const auto context = rpc::MakeContext();
  context->AddMetadata(rpc::kRequestIdMetadata, id);
  return (stub.*method)(context.get(), request, response);
}
grpc::Status DesireOnce(Bbs::Stub& stub, const std::string& id,
                        const models::DesireLRPRequest& request) {
  models::DesiredLRPLifecycleResponse response;
  return Once(stub, id, &Bbs::Stub::DesireLRP, request, &response);
}

TEST_CASE(
    "bbs: a call repeated under its request id gets the first outcome, also from the next "
    "active one",
    "[bbs][server]") {
  Fixture bbs;
  const BbsServer& first = bbs.StartActiveBbs("one");
  BbsServer& second = bbs.StartBbs("two");
  auto operation = bbs.As(first, Role::kOperator);
  auto cell = bbs.As(first, Role::kRep, "cell-1");
  models::DesireTaskRequest task;
  task.set_task_guid("task");
  task.set_domain("cf-tasks");
  task.mutable_task_definition()->set_root_fs("preloaded:cflinuxfs4");
  task.mutable_task_definition()->mutable_action()->mutable_run_action()->set_path("/bin/true");
  task.mutable_task_definition()->mutable_action()->mutable_run_action()->set_user("vcap");
  models::TaskLifecycleResponse desired;
  REQUIRE(Once(*operation, "task", &Bbs::Stub::DesireTask, task, &desired).ok());
  models::StartTaskRequest start;
  start.set_task_guid("task");
  start.set_cell_id("cell-1");

  const auto check = [&] {
    CHECK(DesireOnce(*operation, "call-1", DesireRequest("app", 1)).ok());
    CHECK(DesireOnce(*operation, "call-2", DesireRequest("app", 1)).error_code() ==
          StatusCode::ALREADY_EXISTS);
    models::StartTaskResponse started;
    REQUIRE(Once(*cell, "start", &Bbs::Stub::StartTask, start, &started).ok());
    CHECK(started.should_start());
    // Under the same id only the same call of the same peer.
    for (const grpc::Status& other :
         {DesireOnce(*operation, "call-1", DesireRequest("other", 1)),
          Once(*operation, "start", &Bbs::Stub::DesireTask, task, &desired)}) {
      CHECK(other.error_code() == StatusCode::INVALID_ARGUMENT);
      CHECK_THAT(other.error_message(), Catch::Contains("has been used for another call"));
    }
  };
  check();
  check();
  // Once it is removed, the first outcome still is the outcome of that call, not the state.
  models::RemoveDesiredLRPRequest remove;
  remove.set_process_guid("app");
  models::DesiredLRPLifecycleResponse removed;
  REQUIRE(Once(*operation, "gone", &Bbs::Stub::RemoveDesiredLRP, remove, &removed).ok());
  check();
  models::StartTaskResponse plain;
  REQUIRE(cell->StartTask(rpc::MakeContext().get(), start, &plain).ok());
  CHECK_FALSE(plain.should_start());

  bbs.servers.erase(bbs.servers.begin());
  REQUIRE(Eventually([&] { return second.active(); }));
  operation = bbs.As(second, Role::kOperator);
  cell = bbs.As(second, Role::kRep, "cell-1");
  check();
  CHECK(Once(*operation, "gone", &Bbs::Stub::RemoveDesiredLRP, remove, &removed).ok());
  // What a cell handed back is no longer its own; the repetition is answered all the same.
  models::RejectTaskRequest reject;
  reject.set_task_guid("task");
  reject.set_rejection_reason("no room");
  for (int i = 0; i < 2; ++i) {
    models::TaskLifecycleResponse rejected;
    CHECK(Once(*cell, "reject", &Bbs::Stub::RejectTask, reject, &rejected).ok());
  }
  CHECK(bbs.ClientAs(Role::kOperator)->TaskByGuid(TaskGuid("task"))->rejection_count == 1);
  const grpc::Status blank = DesireOnce(*operation, "no id", DesireRequest("other", 1));
  CHECK(blank.error_code() == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("bbs: an update with a definition that is repeated after the removal keeps its outcome",
          "[bbs][server]") {
  const ProcessGuid guid("app");
  Fixture bbs;
  const auto stub = bbs.As(bbs.StartActiveBbs("one"), Role::kOperator);
  const auto client = bbs.ClientAs(Role::kOperator);
  REQUIRE(Desire(*stub, DesireRequest("app", 1)).ok());
  models::DesiredLRP whole = DesireRequest("app", 1).desired_lrp();
  whole.set_definition_id("v2");
  DesiredLrpUpdate update;
  update.definition = *wire::DefinitionFromProto(std::move(whole));
  const auto update_once = [&](const std::string& id) {
    return client->UpdateDesiredLrp(guid, update, {id});
  };
  CHECK(update_once("update").ok());
  REQUIRE(client->RemoveDesiredLrp(guid).ok());
  CHECK(update_once("update").ok());
  // Another call finds nothing, and goes on finding nothing.
  CHECK(IsDiegoError(update_once("late"), ErrorType::kResourceNotFound));
  REQUIRE(Desire(*stub, DesireRequest("app", 1)).ok());
  CHECK(IsDiegoError(update_once("late"), ErrorType::kResourceNotFound));
  CHECK(update_once("update").ok());
  CHECK(client->DesiredLrpDefinitions(guid)->definitions.size() == 1);
}

TEST_CASE("bbs: a change that rests on what was read is refused once that has moved on",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  REQUIRE(Desire(*bbs.As(server, Role::kOperator), DesireRequest("app", 1)).ok());
  const auto client = bbs.ClientAs(Role::kOperator);
  const ProcessGuid app("app");
  const auto read = client->DesiredLrpByProcessGuid(app);
  REQUIRE(read.ok());
  DesiredLrpUpdate update;
  update.annotation = "mine";
  REQUIRE(client->UpdateDesiredLrp(app, update, {"", read->tag}).ok());
  for (const absl::Status& late : {client->UpdateDesiredLrp(app, update, {"", read->tag}),
                                   client->CancelDesiredLrpUpdate(app, {"", read->tag}),
                                   client->RollBackDesiredLrp(app, "v1", {"", read->tag}),
                                   client->RemoveDesiredLrp(app, {"", read->tag})}) {
    CHECK(IsDiegoError(late, ErrorType::kResourceConflict));
    CHECK(late.code() == absl::StatusCode::kAborted);
    CHECK_THAT(std::string(late.message()),
               Catch::Contains(absl::StrCat(read->tag.epoch, ":", read->tag.index)) &&
                   Catch::Contains(absl::StrCat(read->tag.epoch, ":", read->tag.index + 1)));
  }
  // The repetition of a call that was carried out is not late.
  ModificationTag now = client->DesiredLrpByProcessGuid(app)->tag;
  CHECK(client->RemoveDesiredLrp(app, {"remove", now}).ok());
  CHECK(client->RemoveDesiredLrp(app, {"remove", now}).ok());
}

TEST_CASE("bbs: of calls under one request id at the same time one is carried out",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  const auto before = bbs.ClientAs(Role::kOperator)->ActualLrps({});
  REQUIRE(before.ok());
  std::atomic<int> ok = 0;
  {
    std::vector<std::unique_ptr<Worker>> callers;
    for (int i = 0; i < 8; ++i) {
      callers.push_back(std::make_unique<Worker>("caller", [&] {
        if (DesireOnce(*operation, "call", DesireRequest("app", 1)).ok()) ++ok;
        return absl::Hours(1);
      }));
    }
    CHECK(Eventually([&] { return ok == 8; }));
  }
  const auto after = bbs.ClientAs(Role::kOperator)->ActualLrps({});
  REQUIRE(after.ok());
  CHECK(after->revision == before->revision + 1);
  CHECK(after->records.size() == 1);
}

TEST_CASE("bbs: the active one goes on serving while Locket is away", "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  bbs.locket.reset();
  const absl::Duration away_at = RealClock().Monotonic();
  int written = 0;
  CHECK(Eventually([&] {
    if (Desire(*operation, DesireRequest(absl::StrCat("app-", written), 1)).ok()) ++written;
    return RealClock().Monotonic() - away_at > absl::Seconds(5);
  }));
  CHECK(server.active());
  CHECK(written > 10);
  CHECK(Desire(*operation, DesireRequest("late", 1)).ok());
}

TEST_CASE("bbs: long lists come in chunks, each with the revision", "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  REQUIRE(Desire(*bbs.As(server, Role::kOperator), DesireRequest("app", 2500)).ok());
  const auto reader = bbs.As(server, Role::kRouteEmitter);
  const auto context = rpc::MakeContext();
  const auto stream = reader->StreamActualLRPs(context.get(), models::ActualLRPsRequest());
  models::ActualLRPsResponse chunk;
  int records = 0;
  int chunks = 0;
  while (stream->Read(&chunk)) {
    records += chunk.actual_lrps_size();
    CHECK(chunk.revision() == 1);
    ++chunks;
  }
  CHECK(stream->Finish().ok());
  CHECK(records == 2500);
  CHECK(chunks >= 3);
  const auto unary = rpc::MakeContext();
  models::ActualLRPsResponse whole;
  CHECK(reader->ActualLRPs(unary.get(), models::ActualLRPsRequest(), &whole).ok());
  CHECK(whole.actual_lrps_size() == 2500);
}

TEST_CASE("bbs: subscribers come and go, and those who stay miss nothing", "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  const auto reader = bbs.As(server, Role::kRouteEmitter);
  constexpr int kSubscribers = 20;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<SubscribeResponse>>> streams;
  SubscribeRequest request;
  request.set_lrp_instances(true);
  request.set_after_revision(0);
  for (int i = 0; i < kSubscribers; ++i) {
    contexts.push_back(rpc::MakeContext(absl::Seconds(30)));
    streams.push_back(reader->Subscribe(contexts.back().get(), request));
    SubscribeResponse bookmark;
    REQUIRE(streams.back()->Read(&bookmark));
    CHECK(bookmark.complete());
    CHECK(bookmark.event_case() == SubscribeResponse::EVENT_NOT_SET);
  }
  for (int n = 0; n < 40; ++n) {
    REQUIRE(Desire(*operation, DesireRequest(absl::StrCat("app-", n), 1)).ok());
    if (n % 4 == 0) contexts[static_cast<size_t>(n / 4)]->TryCancel();
  }
  for (int i = 0; i < kSubscribers; ++i) {
    SubscribeResponse response;
    const auto& stream = streams[static_cast<size_t>(i)];
    int events = 0;
    int64_t last = 0;
    while (events < 40 && stream->Read(&response)) {
      CHECK(response.revision() >= last);
      last = response.revision();
      events += response.has_actual_lrp_instance_created() ? 1 : 0;
    }
    if (i >= 10) CHECK(events == 40);
    contexts[static_cast<size_t>(i)]->TryCancel();
    stream->Finish();
  }
}

TEST_CASE("bbs: a task is desired, started once, completed and deleted", "[bbs][server]") {
  Fixture bbs;
  bbs.StartActiveBbs("one");
  const auto operation = bbs.ClientAs(Role::kOperator);
  const auto stub = bbs.As(*bbs.servers.front(), Role::kOperator);
  models::DesireTaskRequest request;
  request.set_task_guid("task");
  request.set_domain("cf-tasks");
  request.mutable_task_definition()->set_root_fs("preloaded:cflinuxfs4");
  auto* run = request.mutable_task_definition()->mutable_action()->mutable_run_action();
  run->set_path("/bin/true");
  run->set_user("vcap");
  const auto context = rpc::MakeContext();
  models::TaskLifecycleResponse response;
  REQUIRE(stub->DesireTask(context.get(), request, &response).ok());

  const auto cell = bbs.ClientAs(Role::kRep, "cell-1");
  const TaskGuid guid("task");
  CHECK(cell->StartTask(guid, CellId("cell-1")).value_or(false));
  CHECK_FALSE(cell->StartTask(guid, CellId("cell-1")).value_or(true));
  const auto other = bbs.ClientAs(Role::kRep, "cell-2");
  CHECK(absl::IsPermissionDenied(other->RejectTask(guid, "not mine")));
  CHECK(absl::IsPermissionDenied(other->CompleteTask({guid, CellId("cell-1"), false, "", ""})));
  REQUIRE(cell->CompleteTask({guid, CellId("cell-1"), false, "", "42"}).ok());
  CHECK(operation->TaskByGuid(guid)->result == "42");
  CHECK(IsDiegoError(operation->DeleteTask(guid), ErrorType::kInvalidStateTransition));
  CHECK(operation->ResolvingTask(guid).ok());
  CHECK(operation->DeleteTask(guid).ok());
  CHECK(IsDiegoError(operation->TaskByGuid(guid).status(), ErrorType::kResourceNotFound));
}

TEST_CASE("bbs: crash restart policies of domains and LRPs are set, read and outlive the term",
          "[bbs][server]") {
  const CrashRestartPolicy defaults = {0, 60, std::nullopt};
  const CrashRestartPolicy own = {std::nullopt, std::nullopt, 0};
  const Domain domain("cf-apps");
  const ProcessGuid guid("app");
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  auto operation = bbs.ClientAs(Role::kOperator);
  REQUIRE(operation->UpsertDomain(domain, absl::InfiniteDuration(), defaults).ok());
  REQUIRE(operation->UpsertDomain(domain, absl::InfiniteDuration()).ok());
  CHECK(operation->UpsertDomain(domain, absl::InfiniteDuration(), CrashRestartPolicy{10, {}, {}})
            .message() ==
        "Invalid field: crash_restart_policy.number_of_immediate_restarts: 10 is not between 0 "
        "and 9");
  REQUIRE(Desire(*bbs.As(server, Role::kOperator), DesireRequest("app", 1)).ok());
  CHECK(operation->DesiredLrpByProcessGuid(guid)->crash_restart_policy.empty());
  DesiredLrpUpdate update;
  update.crash_restart_policy = own;
  REQUIRE(operation->UpdateDesiredLrp(guid, update).ok());

  bbs.servers.clear();
  bbs.StartActiveBbs("two");
  operation = bbs.ClientAs(Role::kOperator);
  CHECK(operation->DesiredLrpByProcessGuid(guid)->crash_restart_policy == own);
  CHECK(*operation->DomainCrashRestartPolicies() ==
        std::map<Domain, CrashRestartPolicy>{{domain, defaults}});
}

TEST_CASE(
    "bbs: a rolling update goes on with the next master, and can be cancelled and rolled back",
    "[bbs][server]") {
  const ProcessGuid guid("app");
  Fixture bbs;
  models::DesireLRPRequest request = DesireRequest("app", 1);
  request.mutable_desired_lrp()->set_definition_id("v1");
  REQUIRE(Desire(*bbs.As(bbs.StartActiveBbs("one"), Role::kOperator), request).ok());
  const auto run = [&](const std::string& cell_id, const std::string& definition_id) {
    const auto cell = bbs.ClientAs(Role::kRep, cell_id);
    const ActualLrpKey key{guid, 0, Domain("cf-apps")};
    const InstanceKey instance{InstanceGuid("on-" + cell_id), CellId(cell_id)};
    const absl::Status claimed = cell->ClaimActualLrp(key, instance, definition_id);
    if (!claimed.ok()) return claimed;
    clients::RunningInstance running{key, instance, {}, {}, {}, true, ""};
    running.net_info.address = "10.0.0.1";
    running.definition_id = definition_id;
    return cell->StartActualLrp(running);
  };
  REQUIRE(run("cell-1", "v1").ok());
  const auto update = [&](const std::string& id) {
    models::DesiredLRP whole = request.desired_lrp();
    whole.set_definition_id(id);
    whole.set_memory_mb(64);
    DesiredLrpUpdate update;
    update.definition = *wire::DefinitionFromProto(std::move(whole));
    return bbs.ClientAs(Role::kOperator)->UpdateDesiredLrp(guid, update);
  };
  REQUIRE(update("v2").ok());
  REQUIRE(update("v2").ok());  // said again

  bbs.servers.clear();
  bbs.StartActiveBbs("two");
  const auto operation = bbs.ClientAs(Role::kOperator);
  const auto list = operation->DesiredLrpDefinitions(guid);
  REQUIRE(list.ok());
  CHECK(list->rolling);
  CHECK(list->rolling_index == 0);
  CHECK(list->cancel_returns_to == "v1");
  REQUIRE(list->definitions.size() == 2);
  CHECK((list->definitions[0].id == "v2" && list->definitions[0].active));
  CHECK(list->definitions[0].instances == 0);
  CHECK(list->definitions[0].lrp.size.memory_mb == 64);
  CHECK((list->definitions[1].id == "v1" && list->definitions[1].healthy));
  CHECK(list->definitions[1].instances == 1);
  // A cell reads what it was auctioned to run; who does not ask sees what is active.
  const auto cell = bbs.ClientAs(Role::kRep, "cell-1");
  CHECK(cell->DesiredLrpByProcessGuid(guid, "v1")->size.memory_mb == 0);
  CHECK(cell->DesiredLrpByProcessGuid(guid)->size.memory_mb == 64);
  CHECK(wire::RunInfoOf(*cell->DesiredLrpByProcessGuid(guid))->desired_lrp_key().domain() ==
        "cf-apps");
  CHECK(IsDiegoError(cell->DesiredLrpByProcessGuid(guid, "v0").status(),
                     ErrorType::kResourceNotFound));

  CHECK(IsDiegoError(run("cell-3", "v1"), ErrorType::kActualLRPCannotBeClaimed));
  REQUIRE(run("cell-2", "v2").ok());
  const auto rows = operation->ActualLrps({});
  REQUIRE(rows->records.size() == 1);
  CHECK(rows->records[0].instance.cell_id == CellId("cell-2"));
  CHECK(rows->records[0].definition_id == "v2");
  CHECK_FALSE(operation->DesiredLrpDefinitions(guid)->rolling);
  CHECK(IsDiegoError(operation->CancelDesiredLrpUpdate(guid), ErrorType::kResourceConflict));

  REQUIRE(operation->RollBackDesiredLrp(guid, "v1").ok());
  CHECK(operation->DesiredLrpDefinitions(guid)->cancel_returns_to == "v2");
  REQUIRE(operation->CancelDesiredLrpUpdate(guid).ok());
  CHECK_FALSE(operation->DesiredLrpDefinitions(guid)->rolling);
  CHECK(operation->DesiredLrpByProcessGuid(guid)->definition_id == "v2");
  CHECK(operation->ActualLrps({})->records.size() == 1);
}

TEST_CASE("bbs: domains are fresh until their time is up", "[bbs][server]") {
  Fixture bbs;
  bbs.StartActiveBbs("one");
  const auto operation = bbs.ClientAs(Role::kOperator);
  CHECK(operation->UpsertDomain(Domain("forever"), absl::InfiniteDuration()).ok());
  CHECK(operation->UpsertDomain(Domain("soon-over"), absl::Seconds(1)).ok());
  CHECK(Eventually([&] {
    const auto domains = operation->Domains();
    return domains.ok() && *domains == std::vector<Domain>{Domain("forever")};
  }));
}

// How many instances are suspect; -1 when that cannot be read.
int Suspects(clients::BbsClient& client) {
  const auto lrps = client.ActualLrps({});
  if (!lrps.ok()) return -1;
  return static_cast<int>(
      std::count_if(lrps->records.begin(), lrps->records.end(),
                    [](const ActualLrp& lrp) { return lrp.presence == Presence::kSuspect; }));
}

TEST_CASE("bbs: a lost cell's instances are suspect at once; many lost at once wait for a word",
          "[bbs][server]") {
  Fixture bbs;
  for (const char* cell : {"cell-0", "cell-1", "cell-2", "cell-3", "cell-4"}) bbs.Register(cell);
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  REQUIRE(Desire(*operation, DesireRequest("app", 5)).ok());
  for (int i = 0; i < 5; ++i) {
    const std::string cell = absl::StrCat("cell-", i);
    REQUIRE(Start(*bbs.As(server, Role::kRep, cell), StartRequest("app", i, cell)).ok());
  }
  const auto client = bbs.ClientAs(Role::kOperator);
  const auto cells = [&] {
    models::CellsResponse response;
    const auto context = rpc::MakeContext();
    const grpc::Status status = operation->Cells(context.get(), CellsRequest(), &response);
    CHECK(status.ok());
    return response;
  };
  REQUIRE(Eventually([&] { return cells().cells_size() == 5; }));

  // Long before the pass that the clock brings.
  bbs.Unregister("cell-4");
  CHECK(Eventually([&] { return Suspects(*client) == 1; }));
  CHECK_FALSE(cells().has_held_losses());

  for (const char* cell : {"cell-1", "cell-2", "cell-3"}) bbs.Unregister(cell);
  REQUIRE(Eventually([&] { return cells().held_losses().cell_ids_size() >= 3; }));
  const int suspects = Suspects(*client);
  CHECK(suspects < 4);
  const auto accept = [&](Bbs::Stub& stub, AcceptCellLossesResponse* response) {
    const auto context = rpc::MakeContext();
    return stub.AcceptCellLosses(context.get(), AcceptCellLossesRequest(), response);
  };
  AcceptCellLossesResponse accepted;
  CHECK(accept(*bbs.As(server, Role::kRep, "cell-0"), &accepted).error_code() ==
        StatusCode::PERMISSION_DENIED);
  CHECK(Suspects(*client) == suspects);
  CHECK(accept(*operation, &accepted).ok());
  CHECK(accepted.cell_ids_size() >= 3);
  CHECK(Eventually([&] { return Suspects(*client) == 4; }));
  CHECK_FALSE(cells().has_held_losses());

  // Locket away: nobody is missed.
  bbs.locket.reset();
  REQUIRE(Eventually([&] { return cells().has_held_losses(); }));
  CHECK_THAT(cells().held_losses().cause(), Catch::Contains("cannot be read"));
  CHECK(accept(*operation, &accepted).error_code() == StatusCode::FAILED_PRECONDITION);
  CHECK(Suspects(*client) == 4);
}

}  // namespace
}  // namespace diego::bbs
