#include "libs/clients/bbs_over_http.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "libs/clients/bbs_http_routes.h"
#include "libs/clients/original_bbs_world.h"
#include "libs/models/error.h"
#include "libs/models/revision.h"
#include "proto/diego/bbs.pb.h"

namespace diego::clients {
namespace {

const ActualLrpKey kKey{ProcessGuid("p"), 3, Domain("d")};
const InstanceKey kInstance{InstanceGuid("i"), CellId("c")};
constexpr char kKeyText[] = R"(actual_lrp_key { process_guid: "p" index: 3 domain: "d" } )"
                            R"(actual_lrp_instance_key { instance_guid: "i" cell_id: "c" })";
constexpr char kIndexText[] =
    R"(process_guid: "p" index: 3 actual_lrp_instance_key { instance_guid: "i" cell_id: "c" })";

RunningInstance SampleRunning() {
  RunningInstance running;
  running.key = kKey;
  running.instance = kInstance;
  running.net_info.address = "10.0.0.1";
  running.internal_routes = {"a.internal"};
  running.routable = true;
  running.availability_zone = "z1";
  return running;
}
const std::string kRunningText = absl::StrCat(
    kKeyText, R"( actual_lrp_net_info { address: "10.0.0.1" } )",
    R"(actual_lrp_internal_routes { hostname: "a.internal" } Routable: true availability_zone: "z1")");

template <typename Message>
std::string TextOf(const std::string& bytes) {
  Message message;
  return message.ParseFromString(bytes) ? message.ShortDebugString() : "no such message";
}

// A call, and what a BBS of the original gets of it.
struct Row {
  std::string path;
  std::function<absl::Status(BbsClient&)> call;
  std::string (*text_of)(const std::string&);
  std::string text;
};

void CheckRows(const std::vector<Row>& rows) {
  OriginalBbsWorld world;
  models::PingResponse pong;
  pong.set_available(true);
  world.bbs.Answer("/v1/ping", pong);
  const auto client = world.Connect();
  for (const Row& row : rows) {
    INFO(row.path);
    const absl::Status status = row.call(*client);
    INFO(status.ToString());
    CHECK(status.ok());
    const auto asked = world.bbs.TakeAsked();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].path == row.path);
    CHECK(asked[0].content_type == "application/x-protobuf");
    CHECK(row.text_of(asked[0].body) == row.text);
  }
}

TEST_CASE("original bbs: calls about LRPs have the newest route and the same message",
          "[clients]") {
  using Bbs = BbsClient;
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid("p");
  lrp.domain = Domain("d");
  DesiredLrpUpdate update;
  update.instances = 2;
  CheckRows({
      {"/v1/ping", [](Bbs& b) { return b.Ping(); }, TextOf<PingRequest>, ""},
      {"/v1/domains/list", [](Bbs& b) { return b.Domains().status(); }, TextOf<DomainsRequest>, ""},
      {"/v1/domains/list", [](Bbs& b) { return b.ListDomains({}).status(); },
       TextOf<DomainsRequest>, ""},
      {"/v1/domains/upsert", [](Bbs& b) { return b.UpsertDomain(Domain("d"), absl::Seconds(9)); },
       TextOf<models::UpsertDomainRequest>, R"(domain: "d" ttl: 9)"},
      {"/v1/cells/list.r1", [](Bbs& b) { return b.Cells().status(); }, TextOf<CellsRequest>, ""},
      {"/v1/cells/list.r1", [](Bbs& b) { return b.ListCells({}).status(); }, TextOf<CellsRequest>,
       ""},
      {"/v1/desired_lrp/desire.r2", [&](Bbs& b) { return b.DesireLrp(lrp); },
       [](const std::string& bytes) {
         models::DesireLRPRequest request;
         return request.ParseFromString(bytes) ? request.desired_lrp().process_guid() : "";
       },
       "p"},
      {"/v1/desired_lrp/update",
       [&](Bbs& b) { return b.UpdateDesiredLrp(ProcessGuid("p"), update); },
       TextOf<models::UpdateDesiredLRPRequest>, R"(process_guid: "p" update { instances: 2 })"},
      {"/v1/desired_lrp/remove", [](Bbs& b) { return b.RemoveDesiredLrp(ProcessGuid("p")); },
       TextOf<models::RemoveDesiredLRPRequest>, R"(process_guid: "p")"},
      {"/v1/desired_lrps/get_by_process_guid.r3",
       [](Bbs& b) { return b.DesiredLrpByProcessGuid(ProcessGuid("p")).status(); },
       TextOf<models::DesiredLRPByProcessGuidRequest>, R"(process_guid: "p")"},
      {"/v1/desired_lrps/list.r3",
       [](Bbs& b) {
         return b.DesiredLrps({Domain("d"), {}, {}}).status();
       },
       TextOf<models::DesiredLRPsRequest>, R"(domain: "d")"},
      {"/v1/desired_lrp_scheduling_infos/list",
       [](Bbs& b) { return b.DesiredLrpSchedulingInfos({}).status(); },
       TextOf<models::DesiredLRPsRequest>, ""},
      {"/v1/desired_lrp_scheduling_infos/get_by_process_guid",
       [](Bbs& b) { return b.DesiredLrpSchedulingInfoByProcessGuid(ProcessGuid("p")).status(); },
       TextOf<models::DesiredLRPByProcessGuidRequest>, R"(process_guid: "p")"},
      {"/v1/desired_lrp_routing_infos/list",
       [](Bbs& b) {
         return b.DesiredLrpRoutingInfos({{}, {ProcessGuid("p")}, {}}).status();
       },
       TextOf<models::DesiredLRPsRequest>, R"(process_guids: "p")"},
      {"/v1/actual_lrps/list",
       [](Bbs& b) {
         return b.ActualLrps({{}, CellId("c"), {}, {}}).status();
       },
       TextOf<models::ActualLRPsRequest>, R"(cell_id: "c")"},
      {"/v1/actual_lrps/list_by_process_guids",
       [](Bbs& b) { return b.ActualLrpsByProcessGuids({ProcessGuid("p")}).status(); },
       TextOf<models::ActualLRPsByProcessGuidsRequest>, R"(process_guids: "p")"},
      {"/v1/actual_lrps/claim", [](Bbs& b) { return b.ClaimActualLrp(kKey, kInstance); },
       TextOf<models::ClaimActualLRPRequest>, kIndexText},
      {"/v1/actual_lrps/start.r1", [](Bbs& b) { return b.StartActualLrp(SampleRunning()); },
       TextOf<models::StartActualLRPRequest>, kRunningText},
      {"/v1/actual_lrps/crash", [](Bbs& b) { return b.CrashActualLrp(kKey, kInstance, "why"); },
       TextOf<models::CrashActualLRPRequest>, absl::StrCat(kKeyText, R"( error_message: "why")")},
      {"/v1/actual_lrps/fail", [](Bbs& b) { return b.FailActualLrp(kKey, "full"); },
       TextOf<models::FailActualLRPRequest>,
       R"(actual_lrp_key { process_guid: "p" index: 3 domain: "d" } error_message: "full")"},
      {"/v1/actual_lrps/remove", [](Bbs& b) { return b.RemoveActualLrp(kKey, kInstance); },
       TextOf<models::RemoveActualLRPRequest>, kIndexText},
      {"/v1/actual_lrps/retire", [](Bbs& b) { return b.RetireActualLrp(kKey); },
       TextOf<models::RetireActualLRPRequest>,
       R"(actual_lrp_key { process_guid: "p" index: 3 domain: "d" })"},
  });
}

TEST_CASE("original bbs: calls about evacuation and tasks, likewise", "[clients]") {
  using Bbs = BbsClient;
  Task task;
  task.task_guid = TaskGuid("t");
  task.domain = Domain("d");
  CheckRows({
      {"/v1/actual_lrps/evacuate_claimed",
       [](Bbs& b) { return b.EvacuateClaimedActualLrp(kKey, kInstance).status; },
       TextOf<models::EvacuateClaimedActualLRPRequest>, kKeyText},
      {"/v1/actual_lrps/evacuate_running.r1",
       [](Bbs& b) { return b.EvacuateRunningActualLrp(SampleRunning()).status; },
       TextOf<models::EvacuateRunningActualLRPRequest>, kRunningText},
      {"/v1/actual_lrps/evacuate_stopped",
       [](Bbs& b) { return b.EvacuateStoppedActualLrp(kKey, kInstance).status; },
       TextOf<models::EvacuateStoppedActualLRPRequest>, kKeyText},
      {"/v1/actual_lrps/evacuate_crashed",
       [](Bbs& b) { return b.EvacuateCrashedActualLrp(kKey, kInstance, "why").status; },
       TextOf<models::EvacuateCrashedActualLRPRequest>,
       absl::StrCat(kKeyText, R"( error_message: "why")")},
      {"/v1/actual_lrps/remove_evacuating",
       [](Bbs& b) { return b.RemoveEvacuatingActualLrp(kKey, kInstance); },
       TextOf<models::RemoveEvacuatingActualLRPRequest>, kKeyText},
      {"/v1/tasks/desire.r2", [&](Bbs& b) { return b.DesireTask(task); },
       [](const std::string& bytes) {
         models::DesireTaskRequest request;
         return request.ParseFromString(bytes) ? request.task_guid() + request.domain() : "";
       },
       "td"},
      {"/v1/tasks/start", [](Bbs& b) { return b.StartTask(TaskGuid("t"), CellId("c")).status(); },
       TextOf<models::StartTaskRequest>, R"(task_guid: "t" cell_id: "c")"},
      {"/v1/tasks/cancel", [](Bbs& b) { return b.CancelTask(TaskGuid("t")); },
       TextOf<models::TaskGuidRequest>, R"(task_guid: "t")"},
      {"/v1/tasks/fail", [](Bbs& b) { return b.FailTask(TaskGuid("t"), "why"); },
       TextOf<models::FailTaskRequest>, R"(task_guid: "t" failure_reason: "why")"},
      {"/v1/tasks/reject", [](Bbs& b) { return b.RejectTask(TaskGuid("t"), "full"); },
       TextOf<models::RejectTaskRequest>, R"(task_guid: "t" rejection_reason: "full")"},
      {"/v1/tasks/complete",
       [](Bbs& b) {
         return b.CompleteTask({TaskGuid("t"), CellId("c"), true, "why", "result"});
       },
       TextOf<models::CompleteTaskRequest>,
       R"(task_guid: "t" cell_id: "c" failed: true failure_reason: "why" result: "result")"},
      {"/v1/tasks/resolving", [](Bbs& b) { return b.ResolvingTask(TaskGuid("t")); },
       TextOf<models::TaskGuidRequest>, R"(task_guid: "t")"},
      {"/v1/tasks/delete", [](Bbs& b) { return b.DeleteTask(TaskGuid("t")); },
       TextOf<models::TaskGuidRequest>, R"(task_guid: "t")"},
      {"/v1/tasks/list.r3",
       [](Bbs& b) {
         return b.Tasks({{}, CellId("c")}).status();
       },
       TextOf<models::TasksRequest>, R"(cell_id: "c")"},
  });
}

TEST_CASE("original bbs: every method has a route, but for what only we have", "[clients]") {
  const std::vector<std::string> ours = {"CancelDesiredLRPUpdate",
                                         "RollBackDesiredLRP",
                                         "DesiredLRPDefinitions",
                                         "AcceptCellLosses",
                                         "CellById",
                                         "DomainByName",
                                         "ExplainLRP",
                                         "PlacementTags",
                                         "Subscribe"};
  const auto* service = PingRequest::descriptor()->file()->FindServiceByName("Bbs");
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string name = service->method(i)->name();
    INFO(name);
    const bool is_ours = std::find(ours.begin(), ours.end(), name) != ours.end();
    CHECK((FindBbsHttpRoute("/diego.Bbs/" + name) == nullptr) == is_ours);
  }
}

TEST_CASE("original bbs: records and what is answered besides come back", "[clients]") {
  OriginalBbsWorld world;
  models::ActualLRPsResponse lrps;
  lrps.add_actual_lrps()->mutable_actual_lrp_key()->set_process_guid("web");
  lrps.mutable_actual_lrps(0)->set_state("UNCLAIMED");
  world.bbs.Answer("/v1/actual_lrps/list", lrps);
  models::StartTaskResponse start;
  start.set_should_start(true);
  world.bbs.Answer("/v1/tasks/start", start);
  const auto client = world.Connect();
  const auto listing = client->ActualLrps({});
  REQUIRE(listing.ok());
  REQUIRE(listing->records.size() == 1);
  CHECK(listing->records[0].key.process_guid.value() == "web");
  CHECK(listing->revision >= kFirstCountedByClient);
  CHECK(*client->StartTask(TaskGuid("t"), CellId("c")));
  // An empty message is none; neither is what comes without the type.
  world.bbs.Answer("/v1/tasks/start", http::Response{.status = 204});
  CHECK_FALSE(*client->StartTask(TaskGuid("t"), CellId("c")));
}

TEST_CASE("original bbs: a refusal comes with its type and words, and is not repeated",
          "[clients]") {
  OriginalBbsWorld world;
  models::TasksResponse tasks;
  tasks.mutable_error()->set_type(models::Error::Deserialize);
  tasks.mutable_error()->set_message("a row");
  world.bbs.Answer("/v1/tasks/list.r3", tasks);
  models::TaskLifecycleResponse refused;
  refused.mutable_error()->set_type(models::Error::ResourceExists);
  refused.mutable_error()->set_message("there is one");
  world.bbs.Answer("/v1/tasks/cancel", refused);
  const auto client = world.Connect();
  const absl::Status listed = client->Tasks({}).status();
  CHECK(IsDiegoError(listed, ErrorType::kDeserialize));
  CHECK(listed.message() == "a row");
  const absl::Status cancelled = client->CancelTask(TaskGuid("t"));
  CHECK(IsDiegoError(cancelled, ErrorType::kResourceExists));
  CHECK(absl::IsAlreadyExists(cancelled));
  CHECK(world.bbs.TakeAsked().size() == 2);
}

TEST_CASE("original bbs: what is no answer is asked for three times", "[clients]") {
  struct Case {
    http::Response answer;
    ErrorType type;
    std::string text;
  };
  const auto c = GENERATE(values<Case>(
      {{{.status = 503}, ErrorType::kInvalidResponse, "Invalid Response with status code: 503"},
       {{.status = 404, .content_type = "text/plain", .body = "404"},
        ErrorType::kInvalidResponse,
        "Invalid Response with status code: 404"},
       {{.status = 502, .headers = {{"X-Cf-Routererror", "endpoint_failure"}}},
        ErrorType::kRouterError,
        "endpoint_failure"},
       {{.content_type = "application/x-protobuf", .body = "\xff\xff"},
        ErrorType::kInvalidProtobufMessage,
        "failed to unmarshal proto"}}));
  OriginalBbsWorld world;
  world.bbs.Answer("/v1/tasks/delete", c.answer);
  const absl::Status status = world.Connect()->DeleteTask(TaskGuid("t"));
  CHECK(absl::IsUnavailable(status));
  CHECK(IsDiegoError(status, c.type));
  CHECK_THAT(std::string(status.message()), Catch::Contains(c.text));
  CHECK(world.bbs.TakeAsked().size() == 3);
}

TEST_CASE("original bbs: older ones are asked by older routes", "[clients]") {
  OriginalBbsWorld world;
  const http::Response no_such_route{.status = 404, .content_type = "text/plain"};
  world.bbs.Answer("/v1/actual_lrps/start.r1", no_such_route);
  world.bbs.Answer("/v1/actual_lrps/evacuate_running.r1", no_such_route);
  world.bbs.Answer("/v1/desired_lrp_routing_infos/list", no_such_route);
  const auto client = world.Connect();
  CHECK(client->StartActualLrp(SampleRunning()).ok());
  CHECK(client->EvacuateRunningActualLrp(SampleRunning()).status.ok());
  CHECK(client->DesiredLrpRoutingInfos({}).ok());
  const auto asked = world.bbs.TakeAsked();
  REQUIRE(asked.size() == 6);
  CHECK(asked[1].path == "/v1/actual_lrps/start");
  CHECK(asked[1].body == asked[0].body);
  CHECK(asked[3].path == "/v1/actual_lrps/evacuate_running");
  CHECK(asked[5].path == "/v1/desired_lrps/list.r3");
}

TEST_CASE("original bbs: what it passes over of a filter holds all the same", "[clients]") {
  OriginalBbsWorld world;
  models::DesiredLRPsResponse lrps;
  models::DesiredLRPSchedulingInfosResponse infos;
  for (const auto& [guid, domain] : {std::pair("app-1-a", "d"), {"app-1-b", "e"}, {"app-2", "d"}}) {
    models::DesiredLRP& lrp = *lrps.add_desired_lrps();
    lrp.set_process_guid(guid);
    lrp.set_domain(domain);
    auto& key = *infos.add_desired_lrp_scheduling_infos()->mutable_desired_lrp_key();
    key.set_process_guid(guid);
    key.set_domain(domain);
  }
  world.bbs.Answer("/v1/desired_lrps/list.r3", lrps);
  world.bbs.Answer("/v1/desired_lrp_routing_infos/list", lrps);
  world.bbs.Answer("/v1/desired_lrp_scheduling_infos/list", infos);
  struct Case {
    DesiredLrpFilter filter;
    std::vector<std::string> guids;
  };
  const Case cases[] = {
      {{}, {"app-1-a", "app-1-b", "app-2"}},
      {{Domain("d"), {}, {}}, {"app-1-a", "app-2"}},
      {{{}, {}, {"app-1"}}, {"app-1-a", "app-1-b"}},
      {{Domain("d"), {}, {"app-1", "other"}}, {"app-1-a"}},
      {{Domain("d"), {ProcessGuid("app-1-b"), ProcessGuid("app-2")}, {}}, {"app-2"}},
      {{Domain("x"), {}, {}}, {}},
  };
  const auto client = world.Connect();
  for (const Case& c : cases) {
    for (const auto list : {&BbsClient::DesiredLrps, &BbsClient::DesiredLrpRoutingInfos,
                            &BbsClient::DesiredLrpSchedulingInfos}) {
      const auto listing = (client.get()->*list)(c.filter);
      REQUIRE(listing.ok());
      std::vector<std::string> guids;
      for (const DesiredLrp& lrp : listing->records) guids.push_back(lrp.process_guid.value());
      CHECK(guids == c.guids);
    }
  }
}

TEST_CASE("original bbs: whether a container is kept is said by the answer, else by the call",
          "[clients]") {
  OriginalBbsWorld world;
  models::EvacuationResponse refused;
  refused.mutable_error()->set_type(models::Error::ResourceNotFound);
  const auto client = world.Connect();
  for (const bool keep : {true, false}) {
    refused.set_keep_container(keep);
    world.bbs.Answer("/v1/actual_lrps/evacuate_claimed", refused);
    world.bbs.Answer("/v1/actual_lrps/evacuate_crashed", refused);
    const auto claimed = client->EvacuateClaimedActualLrp(kKey, kInstance);
    CHECK_FALSE(claimed.status.ok());
    CHECK(claimed.keep_container == keep);
    CHECK(client->EvacuateCrashedActualLrp(kKey, kInstance, "").keep_container == keep);
  }
  world.bbs.Answer("/v1/actual_lrps/evacuate_claimed", http::Response{.status = 500});
  world.bbs.Answer("/v1/actual_lrps/evacuate_crashed", http::Response{.status = 500});
  CHECK(client->EvacuateClaimedActualLrp(kKey, kInstance).keep_container);
  CHECK_FALSE(client->EvacuateCrashedActualLrp(kKey, kInstance, "").keep_container);
}

TEST_CASE("original bbs: what only we have is Unimplemented, and not sent", "[clients]") {
  OriginalBbsWorld world;
  models::PingResponse pong;
  pong.set_available(true);
  world.bbs.Answer("/v1/ping", pong);
  const auto client = world.Connect();
  CHECK(absl::IsUnimplemented(client->CancelDesiredLrpUpdate(ProcessGuid("p"))));
  CHECK(absl::IsUnimplemented(client->RollBackDesiredLrp(ProcessGuid("p"), "a")));
  CHECK(absl::IsUnimplemented(client->DesiredLrpDefinitions(ProcessGuid("p")).status()));
  ChangeOptions options;
  options.expected_tag = {"e", 1};
  CHECK(absl::IsUnimplemented(client->RemoveDesiredLrp(ProcessGuid("p"), options)));
  CHECK(absl::IsUnimplemented(client->DomainByName(Domain("d")).status()));
  CHECK(absl::IsUnimplemented(client->CellById(CellId("c")).status()));
  const absl::Status policy =
      client->UpsertDomain(Domain("d"), absl::Seconds(1), CrashRestartPolicy{});
  CHECK(absl::IsUnimplemented(policy));
  CHECK_THAT(std::string(policy.message()), Catch::Contains("crash_restart_policy"));
  // Only whether it is there at all.
  for (const auto& asked : world.bbs.TakeAsked()) CHECK(asked.path == "/v1/ping");
  // It would list all.
  CHECK(absl::IsUnimplemented(client->ListDomains({{Domain("d")}}).status()));
  CHECK(absl::IsUnimplemented(client->ListCells({{CellId("c")}}).status()));
  models::TasksRequest by_guids;
  by_guids.add_task_guids("t");
  for (const char* method : {"/diego.Bbs/Tasks", "/diego.Bbs/StreamTasks"}) {
    CHECK(absl::IsUnimplemented(RequireOriginal(*FindBbsHttpRoute(method), by_guids)));
  }
  // It has the words, which is enough.
  models::FailActualLRPRequest fail;
  fail.mutable_placement_refusal()->set_cells_considered(1);
  CHECK(RequireOriginal(*FindBbsHttpRoute("/diego.Bbs/FailActualLRP"), fail).ok());
}

TEST_CASE("original bbs: what only we have is not refused where no BBS answers", "[clients]") {
  OriginalBbsWorld world;
  world.bbs.Answer("/v1/ping", http::Response{.status = 503});
  // Of the two, one may be ours again in a moment: neither says that it cannot be done.
  const auto client =
      world.Connect(std::vector<std::string>{"https://127.0.0.1:1", world.bbs.url()});
  CHECK(absl::IsUnavailable(client->CancelDesiredLrpUpdate(ProcessGuid("p"))));
  CHECK(world.bbs.TakeAsked().size() >= 1);
}

}  // namespace
}  // namespace diego::clients
