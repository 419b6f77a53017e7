// Lists by every filter, and what subscribers hear, from the whole server.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/testing/raw_client.h"
#include "libs/models/error.h"
#include "libs/wire/task.h"
#include "services/bbs/server_fixture.h"

namespace diego::bbs {
namespace {

using grpc::StatusCode;
using rpc::Role;

// The guids (and indices) of a list, unary and streamed, which must be the same.
template <typename Request, typename Response, typename NamesOf>
std::string ListBothWays(
    Bbs::Stub& stub, const Request& request,
    grpc::Status (Bbs::Stub::*unary)(grpc::ClientContext*, const Request&, Response*),
    std::unique_ptr<grpc::ClientReader<Response>> (Bbs::Stub::*streamed)(grpc::ClientContext*,
                                                                         const Request&),
    NamesOf names_of) {
  Response whole;
  REQUIRE((stub.*unary)(rpc::MakeContext().get(), request, &whole).ok());
  CHECK(whole.revision() > 0);
  const auto context = rpc::MakeContext();
  const auto stream = (stub.*streamed)(context.get(), request);
  Response chunk;
  std::string in_chunks;
  while (stream->Read(&chunk)) {
    in_chunks += names_of(chunk);
    CHECK(chunk.revision() == whole.revision());
  }
  CHECK(stream->Finish().ok());
  CHECK(in_chunks == names_of(whole));
  return in_chunks;
}

template <typename Response>
std::string InstancesOf(const Response& list) {
  std::string names;
  for (const auto& lrp : list.actual_lrps()) {
    absl::StrAppend(&names, lrp.actual_lrp_key().process_guid(), "/", lrp.actual_lrp_key().index(),
                    " ");
  }
  return names;
}

// Of the desired LRPs that one request names: which filters count depends on the list. Source:
// reference/bbs-http-api.md.
struct DesiredNames {
  std::string whole;
  std::string scheduling;
  std::string routing;
};

TEST_CASE("bbs: every noun is listed by every filter, unary and streamed, at a revision",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto stub = bbs.As(server, Role::kOperator);
  const auto client = bbs.ClientAs(Role::kOperator);
  const auto cell = bbs.As(server, Role::kRep, "cell-1");
  models::DesireLRPRequest other = DesireRequest("b-1", 1);
  other.mutable_desired_lrp()->set_domain("other");
  other.mutable_desired_lrp()->add_placementtags("gpu");
  REQUIRE(Desire(*stub, DesireRequest("a-1", 2)).ok());
  REQUIRE(Desire(*stub, DesireRequest("a-2", 1)).ok());
  REQUIRE(Desire(*stub, other).ok());
  REQUIRE(Start(*cell, StartRequest("a-1", 1, "cell-1")).ok());

  const auto actuals = [&](const std::string& domain, const std::string& cell_id,
                           const std::string& guid, std::optional<int32_t> index) {
    models::ActualLRPsRequest request;
    request.set_domain(domain);
    request.set_cell_id(cell_id);
    request.set_process_guid(guid);
    if (index) request.set_index(*index);
    return ListBothWays(*stub, request, &Bbs::Stub::ActualLRPs, &Bbs::Stub::StreamActualLRPs,
                        InstancesOf<models::ActualLRPsResponse>);
  };
  CHECK(actuals("", "", "", std::nullopt) == "a-1/0 a-1/1 a-2/0 b-1/0 ");
  CHECK(actuals("other", "", "", std::nullopt) == "b-1/0 ");
  CHECK(actuals("", "cell-1", "", std::nullopt) == "a-1/1 ");
  CHECK(actuals("", "", "a-1", std::nullopt) == "a-1/0 a-1/1 ");
  CHECK(actuals("", "", "", 0) == "a-1/0 a-2/0 b-1/0 ");
  CHECK(actuals("cf-apps", "", "a-1", 0) == "a-1/0 ");
  CHECK(actuals("other", "cell-1", "", std::nullopt) == "");

  const auto desired = [&](const std::string& domain, const std::vector<std::string>& guids,
                           const std::vector<std::string>& app_guids) {
    models::DesiredLRPsRequest request;
    request.set_domain(domain);
    for (const std::string& guid : guids) request.add_process_guids(guid);
    for (const std::string& guid : app_guids) request.add_app_guids(guid);
    const auto whole = [](const models::DesiredLRPsResponse& list) {
      std::string names;
      for (const auto& lrp : list.desired_lrps()) absl::StrAppend(&names, lrp.process_guid(), " ");
      return names;
    };
    DesiredNames names;
    names.routing = ListBothWays(*stub, request, &Bbs::Stub::DesiredLRPRoutingInfos,
                                 &Bbs::Stub::StreamDesiredLRPRoutingInfos, whole);
    names.scheduling =
        ListBothWays(*stub, request, &Bbs::Stub::DesiredLRPSchedulingInfos,
                     &Bbs::Stub::StreamDesiredLRPSchedulingInfos,
                     [](const models::DesiredLRPSchedulingInfosResponse& list) {
                       std::string guids;
                       for (const auto& info : list.desired_lrp_scheduling_infos()) {
                         absl::StrAppend(&guids, info.desired_lrp_key().process_guid(), " ");
                       }
                       return guids;
                     });
    names.whole =
        ListBothWays(*stub, request, &Bbs::Stub::DesiredLRPs, &Bbs::Stub::StreamDesiredLRPs, whole);
    return names;
  };
  const auto check = [&](const DesiredNames& got, const DesiredNames& want) {
    CHECK(got.whole == want.whole);
    CHECK(got.scheduling == want.scheduling);
    CHECK(got.routing == want.routing);
  };
  const std::string all = "a-1 a-2 b-1 ";
  check(desired("", {}, {}), {all, all, all});
  check(desired("cf-apps", {}, {}), {"a-1 a-2 ", "a-1 a-2 ", all});
  check(desired("", {"b-1", "a-1", "none"}, {}), {"a-1 b-1 ", "a-1 b-1 ", "a-1 b-1 "});
  check(desired("cf-apps", {"b-1", "a-1"}, {}), {"a-1 ", "a-1 ", "a-1 b-1 "});
  check(desired("", {}, {"a"}), {"a-1 a-2 ", all, all});

  models::ActualLRPsByProcessGuidsRequest by_guids;
  by_guids.add_process_guids("b-1");
  by_guids.add_process_guids("none");
  by_guids.add_process_guids("a-1");
  CHECK(ListBothWays(*stub, by_guids, &Bbs::Stub::ActualLRPsByProcessGuids,
                     &Bbs::Stub::StreamActualLRPsByProcessGuids,
                     InstancesOf<models::ActualLRPsByProcessGuidsResponse>) ==
        "a-1/0 a-1/1 b-1/0 ");
  CHECK(client->ActualLrpsByProcessGuids({ProcessGuid("a-2")})->records.size() == 1);
  const auto unnamed_context = rpc::MakeContext();
  by_guids.clear_process_guids();
  const auto unnamed = stub->StreamActualLRPsByProcessGuids(unnamed_context.get(), by_guids);
  models::ActualLRPsByProcessGuidsResponse found;
  CHECK_FALSE(unnamed->Read(&found));
  CHECK(unnamed->Finish().error_code() == StatusCode::INVALID_ARGUMENT);
  models::DesiredLRPByProcessGuidRequest get;
  get.set_process_guid("a-1");
  models::DesiredLRPResponse got;
  REQUIRE(stub->DesiredLRPByProcessGuid(rpc::MakeContext().get(), get, &got).ok());
  CHECK(got.revision() >= 4);
  models::DesiredLRPSchedulingInfoByProcessGuidResponse info;
  REQUIRE(stub->DesiredLRPSchedulingInfoByProcessGuid(rpc::MakeContext().get(), get, &info).ok());
  CHECK(info.desired_lrp_scheduling_info().desired_lrp_key().process_guid() == "a-1");
  CHECK(info.desired_lrp_scheduling_info().instances() == 2);
  CHECK(info.revision() == got.revision());
  CHECK(client->DesiredLrpSchedulingInfoByProcessGuid(ProcessGuid("a-1"))->instances == 2);
  for (const auto& missing :
       {client->DesiredLrpSchedulingInfoByProcessGuid(ProcessGuid("none")),
        client->DesiredLrpSchedulingInfoByProcessGuid(ProcessGuid("a-1"), "not kept")}) {
    CHECK(IsDiegoError(missing.status(), ErrorType::kResourceNotFound));
  }

  for (const char* guid : {"t-1", "t-2", "t-3"}) {
    Task task;
    task.task_guid = TaskGuid(guid);
    task.domain = Domain(guid == std::string("t-3") ? "other" : "cf-tasks");
    models::TaskDefinition definition;
    definition.set_root_fs("preloaded:cflinuxfs4");
    definition.mutable_action()->mutable_run_action()->set_path("/bin/true");
    definition.mutable_action()->mutable_run_action()->set_user("vcap");
    wire::SetDefinition(definition, &task);
    REQUIRE(client->DesireTask(task).ok());
  }
  REQUIRE(bbs.ClientAs(Role::kRep, "cell-1")->StartTask(TaskGuid("t-2"), CellId("cell-1")).ok());
  const auto tasks = [&](const std::string& domain, const std::string& cell_id,
                         const std::vector<std::string>& guids) {
    models::TasksRequest request;
    request.set_domain(domain);
    request.set_cell_id(cell_id);
    for (const std::string& guid : guids) request.add_task_guids(guid);
    return ListBothWays(*stub, request, &Bbs::Stub::Tasks, &Bbs::Stub::StreamTasks,
                        [](const models::TasksResponse& list) {
                          std::string names;
                          for (const auto& task : list.tasks()) {
                            absl::StrAppend(&names, task.task_guid(), " ");
                          }
                          return names;
                        });
  };
  CHECK(tasks("", "", {}) == "t-1 t-2 t-3 ");
  CHECK(tasks("other", "", {}) == "t-3 ");
  CHECK(tasks("", "cell-1", {}) == "t-2 ");
  CHECK(tasks("", "", {"t-3", "t-1", "none"}) == "t-1 t-3 ");
  CHECK(tasks("cf-tasks", "cell-1", {"t-1", "t-2"}) == "t-2 ");
  models::TaskByGuidRequest task;
  task.set_task_guid("t-1");
  models::TaskResponse one;
  REQUIRE(stub->TaskByGuid(rpc::MakeContext().get(), task, &one).ok());
  CHECK(one.revision() >= 8);

  PlacementTagsResponse tags;
  REQUIRE(Eventually([&] {  // the cells have been looked at
    return stub->PlacementTags(rpc::MakeContext().get(), PlacementTagsRequest(), &tags).ok();
  }));
  REQUIRE(tags.tags_size() == 1);
  CHECK(tags.tags(0).name() == "gpu");
  CHECK(tags.tags(0).wanted_by_lrps() == 1);
}

TEST_CASE("bbs: domains are listed by name, at a revision, and read one by one, fresh or not",
          "[bbs][server]") {
  Fixture bbs;
  const auto stub = bbs.As(bbs.StartActiveBbs("one"), Role::kOperator);
  const auto client = bbs.ClientAs(Role::kOperator);
  const Domain over("over");
  CrashRestartPolicy policy;
  policy.max_restart_attempts = 5;
  REQUIRE(client->UpsertDomain(over, absl::Seconds(1), policy).ok());
  REQUIRE(client->UpsertDomain(Domain("a"), absl::InfiniteDuration()).ok());
  REQUIRE(client->UpsertDomain(Domain("b"), absl::Hours(1)).ok());
  REQUIRE(Eventually([&] { return !client->DomainByName(over)->fresh; }));

  const auto list = [&](const std::vector<std::string>& domains) {
    DomainsRequest request;
    for (const std::string& domain : domains) request.add_domains(domain);
    return ListBothWays(*stub, request, &Bbs::Stub::Domains, &Bbs::Stub::StreamDomains,
                        [](const models::DomainsResponse& response) {
                          std::string names;
                          for (const std::string& domain : response.domains()) {
                            absl::StrAppend(&names, domain, " ");
                          }
                          for (const auto& [domain, unused] : response.crash_restart_policies()) {
                            absl::StrAppend(&names, "default of ", domain, " ");
                          }
                          return names;
                        });
  };
  CHECK(list({}) == "a b default of over ");
  CHECK(list({"b", "none"}) == "b ");
  CHECK(list({"over"}) == "default of over ");
  const auto listing = client->ListDomains({{Domain("b"), Domain("a")}});
  REQUIRE(listing.ok());
  CHECK(listing->records == std::vector<Domain>{Domain("a"), Domain("b")});
  CHECK(listing->revision >= 3);

  CHECK(client->DomainByName(Domain("a"))->expires_at == absl::InfiniteFuture());
  const auto b = client->DomainByName(Domain("b"));
  CHECK((b->fresh && b->expires_at < RealClock().Now() + absl::Hours(2)));
  CHECK(client->DomainByName(over)->crash_restart_policy == policy);
  CHECK(IsDiegoError(client->DomainByName(Domain("none")).status(), ErrorType::kResourceNotFound));
  CHECK(IsDiegoError(client->DomainByName(Domain()).status(), ErrorType::kInvalidRequest));
}

TEST_CASE("bbs: cells are listed by id and read one by one, at a revision of the records",
          "[bbs][server]") {
  Fixture bbs;
  bbs.Register("cell-1");
  bbs.Register("cell-2");
  const auto stub = bbs.As(bbs.StartActiveBbs("one"), Role::kOperator);
  const auto client = bbs.ClientAs(Role::kOperator);
  REQUIRE(Desire(*stub, DesireRequest("app", 1)).ok());
  REQUIRE(Eventually([&] { return client->CellById(CellId("cell-2")).ok(); }));
  const auto list = [&](const std::vector<std::string>& cells) {
    CellsRequest request;
    for (const std::string& cell : cells) request.add_cell_ids(cell);
    return ListBothWays(*stub, request, &Bbs::Stub::Cells, &Bbs::Stub::StreamCells,
                        [](const models::CellsResponse& response) {
                          std::string names;
                          for (const auto& cell : response.cells()) {
                            absl::StrAppend(&names, cell.cell_id(), " ");
                          }
                          return names;
                        });
  };
  CHECK(list({}) == "cell-1 cell-2 ");
  CHECK(list({"cell-2", "none"}) == "cell-2 ");
  CHECK(list({"none"}) == "");
  const auto listing = client->ListCells({{CellId("cell-1")}});
  REQUIRE(listing.ok());
  CHECK(listing->records.size() == 1);
  CHECK(listing->revision == client->ActualLrps({})->revision);

  CHECK(client->CellById(CellId("cell-1"))->cell_id == CellId("cell-1"));
  CHECK(IsDiegoError(client->CellById(CellId("none")).status(), ErrorType::kResourceNotFound));
  CHECK(IsDiegoError(client->CellById(CellId()).status(), ErrorType::kInvalidRequest));

  bbs.locket.reset();  // nobody is missed, and that is said first
  CHECK(Eventually([&] {
    const auto context = rpc::MakeContext();
    const auto stream = stub->StreamCells(context.get(), CellsRequest());
    models::CellsResponse first;
    const bool said = stream->Read(&first) && first.has_held_losses() && first.cells_size() == 2;
    models::CellsResponse more;
    while (stream->Read(&more)) {
    }
    return stream->Finish().ok() && said;
  }));
}

TEST_CASE(
    "bbs: a subscriber is told of its cell only, is kept awake when idle, and hears when it "
    "comes too late",
    "[bbs][server]") {
  Fixture bbs;
  bbs.subscriber_beat = absl::Milliseconds(500);
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto stub = bbs.As(server, Role::kOperator);
  REQUIRE(Desire(*stub, DesireRequest("app", 2)).ok());
  SubscribeRequest request;
  request.set_lrp_instances(true);
  request.set_cell_id("cell-1");
  const auto context = rpc::MakeContext(absl::Seconds(60));
  const auto stream = stub->Subscribe(context.get(), request);
  SubscribeResponse response;
  REQUIRE(stream->Read(&response));
  CHECK(response.event_case() == SubscribeResponse::EVENT_NOT_SET);
  REQUIRE(Start(*bbs.As(server, Role::kRep, "cell-2"), StartRequest("app", 0, "cell-2")).ok());
  REQUIRE(Start(*bbs.As(server, Role::kRep, "cell-1"), StartRequest("app", 1, "cell-1")).ok());
  REQUIRE(stream->Read(&response));
  while (response.event_case() == SubscribeResponse::EVENT_NOT_SET) {
    REQUIRE(stream->Read(&response));
  }
  REQUIRE(response.has_actual_lrp_instance_changed());
  CHECK(response.actual_lrp_instance_changed().actual_lrp_key().index() == 1);
  // Nothing happens: a bookmark comes with the beat.
  REQUIRE(stream->Read(&response));
  CHECK(response.event_case() == SubscribeResponse::EVENT_NOT_SET);
  CHECK(response.complete());
  context->TryCancel();
  stream->Finish();

  bbs.servers.clear();
  const BbsServer& next = bbs.StartActiveBbs("two");
  const auto late = rpc::MakeContext();
  request.set_after_revision(1);  // of the last term's, whose history is gone
  const auto too_old = bbs.As(next, Role::kOperator)->Subscribe(late.get(), request);
  CHECK_FALSE(too_old->Read(&response));
  const grpc::Status told = too_old->Finish();
  CHECK(told.error_code() == StatusCode::OUT_OF_RANGE);
  CHECK_THAT(told.error_message(), Catch::Contains("list anew"));
}

// "app", whose events soon fill what is on the way to a client.
void DesireLarge(Bbs::Stub& operation) {
  models::DesireLRPRequest desire = DesireRequest("app", 0);
  models::EnvironmentVariable* large = desire.mutable_desired_lrp()->add_environment_variables();
  large->set_name("LARGE");
  large->set_value(std::string(400000, 'x'));
  REQUIRE(Desire(operation, desire).ok());
}

TEST_CASE("bbs: a subscriber that does not read is cut off and told why; others go on",
          "[bbs][server]") {
  Fixture bbs;
  bbs.max_subscriber_lag = 10;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  DesireLarge(*operation);
  SubscribeRequest request;
  request.set_desired_lrps(true);
  const auto context = rpc::MakeContext(absl::Seconds(60));
  const auto idle = bbs.As(server, Role::kRouteEmitter)->Subscribe(context.get(), request);
  SubscribeResponse response;
  REQUIRE(idle->Read(&response));
  const auto client = bbs.ClientAs(Role::kRouteEmitter);
  const auto reader = client->Subscribe({}, std::nullopt);
  REQUIRE(reader->Next().ok());
  // More than one may fall behind, and than fits on the way to it: each event is twice the LRP.
  for (int i = 0; i < 60; ++i) {
    models::UpdateDesiredLRPRequest update;
    update.set_process_guid("app");
    update.mutable_update()->set_annotation(absl::StrCat(i));
    const auto patient = rpc::MakeContext();
    models::DesiredLRPLifecycleResponse updated;
    REQUIRE(operation->UpdateDesiredLRP(patient.get(), update, &updated).ok());
    auto group = reader->Next();
    while (group.ok() && group->events.empty()) group = reader->Next();
    REQUIRE(group.ok());
    CHECK(group->events.size() == 1);
  }
  while (idle->Read(&response)) {
  }
  const grpc::Status told = idle->Finish();
  CHECK(told.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK_THAT(told.error_message(), Catch::Contains("events behind; list anew"));
}

TEST_CASE("bbs: a subscriber that never reads does not keep its place", "[bbs][server]") {
  Fixture bbs;
  bbs.max_subscriber_lag = 10;
  bbs.subscriber_beat = absl::Milliseconds(200);
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  DesireLarge(*operation);
  SubscribeRequest request;
  request.set_desired_lrps(true);
  const auto context = rpc::MakeContext(absl::Seconds(60));
  const auto idle = bbs.As(server, Role::kRouteEmitter)->Subscribe(context.get(), request);
  SubscribeResponse response;
  REQUIRE(idle->Read(&response));
  const auto client = bbs.ClientAs(Role::kRouteEmitter);
  const auto reader = client->Subscribe({}, std::nullopt);
  REQUIRE(reader->Next().ok());
  const auto update_and_read = [&](int i) {
    models::UpdateDesiredLRPRequest update;
    update.set_process_guid("app");
    update.mutable_update()->set_annotation(absl::StrCat(i));
    const auto patient = rpc::MakeContext();
    models::DesiredLRPLifecycleResponse updated;
    REQUIRE(operation->UpdateDesiredLRP(patient.get(), update, &updated).ok());
    auto group = reader->Next();
    while (group.ok() && group->events.empty()) group = reader->Next();
    INFO(group.status());
    REQUIRE(group.ok());
  };
  const auto shows = [&](const char* line) {
    auto scraper = http::RawClient::Plain(server.metrics_port());
    REQUIRE(scraper.ok());
    REQUIRE((*scraper)->Send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok());
    const auto metrics = (*scraper)->ReadToEnd();
    REQUIRE(metrics.ok());
    return metrics->find(line) != std::string::npos;
  };
  REQUIRE(Eventually([&] { return shows("diego_bbs_subscribers_count 2\n"); }));
  for (int i = 0; i < 60; ++i) update_and_read(i);
  CHECK(Eventually([&] { return shows("diego_bbs_subscribers_count 1\n"); }));
  CHECK(shows("diego_bbs_cut_off_subscribers_total 1\n"));
  update_and_read(60);
  CHECK(shows("diego_bbs_cut_off_subscribers_total 1\n"));
  while (idle->Read(&response)) {
  }
  CHECK_FALSE(idle->Finish().ok());
}

TEST_CASE("bbs: our client, too slow or too late, is told to list anew, and goes on after that",
          "[bbs][server]") {
  Fixture bbs;
  bbs.max_subscriber_lag = 5;
  const BbsServer& server = bbs.StartActiveBbs("one");
  const auto operation = bbs.As(server, Role::kOperator);
  const auto client = bbs.ClientAs(Role::kRouteEmitter);
  const auto before = client->DesiredLrps({});
  REQUIRE(before.ok());
  // More events than one may be behind; the history holds them all.
  for (int i = 0; i < 6; ++i) {
    REQUIRE(Desire(*operation, DesireRequest(absl::StrCat("app-", i), 1)).ok());
  }
  CHECK(absl::IsOutOfRange(client->Subscribe({}, before->revision)->Next().status()));
  const auto following = [&] {
    const auto now = client->DesiredLrps({});
    REQUIRE(now.ok());
    auto subscription = client->Subscribe({}, now->revision);
    REQUIRE(subscription->Next().ok());
    return subscription;
  };
  const auto subscription = following();
  // One revision that is more than one may be behind cuts off everybody.
  REQUIRE(Desire(*operation, DesireRequest("wide", 20)).ok());
  auto next = subscription->Next();
  while (next.ok() && next->events.empty()) next = subscription->Next();
  CHECK(absl::IsOutOfRange(next.status()));
  const auto anew = following();
  REQUIRE(Desire(*operation, DesireRequest("last", 1)).ok());
  next = anew->Next();
  while (next.ok() && next->events.empty()) next = anew->Next();
  REQUIRE(next.ok());
  CHECK(next->events.size() == 2);
}

}  // namespace
}  // namespace diego::bbs
