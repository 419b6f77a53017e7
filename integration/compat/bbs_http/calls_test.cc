// Every call of the HTTP API: its effect, its answer and its errors, over both stores.
#include <fstream>
#include <string>
#include <vector>

#include "integration/compat/bbs_http/fixture.h"

namespace diego::compat {
namespace {

using harness::Store;
using Lifecycle = models::ActualLRPLifecycleResponse;
using DesiredLifecycle = models::DesiredLRPLifecycleResponse;
using TaskLifecycle = models::TaskLifecycleResponse;

constexpr char kNotFound[] = "ResourceNotFound: the requested resource could not be found";

std::vector<models::ActualLRP> ListActual(Client& client, const std::string& guid) {
  models::ActualLRPsRequest request;
  request.set_process_guid(guid);
  const auto response = client.Call<models::ActualLRPsResponse>("/v1/actual_lrps/list", request);
  CHECK(ErrorOf(response) == "");
  return {response.actual_lrps().begin(), response.actual_lrps().end()};
}

// "STATE/PRESENCE" of each row of the process.
std::string States(Client& client, const std::string& guid) {
  std::string states;
  for (const models::ActualLRP& lrp : ListActual(client, guid)) {
    if (!states.empty()) states += " ";
    states += lrp.state() + "/" + models::ActualLRP::Presence_Name(lrp.presence());
  }
  return states;
}

TEST_CASE("compat: domains, cells and ping", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  CHECK(client.Call<models::PingResponse>("/v1/ping", "not read").available());
  models::UpsertDomainRequest upsert;
  CHECK(ErrorOf(client.Call<models::UpsertDomainResponse>("/v1/domains/upsert", upsert)) ==
        "InvalidRequest: Invalid field: domain");
  upsert.set_domain("compat");
  CHECK(ErrorOf(client.Call<models::UpsertDomainResponse>("/v1/domains/upsert", upsert)) == "");
  const auto domains = client.Call<models::DomainsResponse>("/v1/domains/list", "");
  REQUIRE(domains.domains_size() == 1);
  CHECK(domains.domains(0) == "compat");
  const auto cells = client.Call<models::CellsResponse>("/v1/cells/list.r1", "");
  CHECK(ErrorOf(cells) == "");
  CHECK(cells.cells_size() == 0);
}

TEST_CASE("compat: the life of a desired LRP", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  const auto desire = [&](const models::DesireLRPRequest& request) {
    return ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", request));
  };
  CHECK(desire(DesireLrp("app-1")) == "");
  CHECK(desire(DesireLrp("app-2")) == "");
  CHECK(desire(DesireLrp("app-1")) == "ResourceExists: the requested resource already exists");
  models::DesireLRPRequest bad = DesireLrp("no spaces");
  bad.mutable_desired_lrp()->clear_action();
  bad.mutable_desired_lrp()->set_instances(-1);
  CHECK(desire(bad) ==
        "InvalidRequest: Invalid field: instances, Invalid field: process_guid, "
        "invalid action type");

  models::DesiredLRPByProcessGuidRequest by_guid;
  const auto get = [&](const std::string& guid) {
    by_guid.set_process_guid(guid);
    return client.Call<models::DesiredLRPResponse>("/v1/desired_lrps/get_by_process_guid.r3",
                                                   by_guid);
  };
  CHECK(ErrorOf(get("nobody")) == kNotFound);
  CHECK(ErrorOf(get("")) == "InvalidRequest: Invalid field: process_guid");
  const models::DesiredLRP lrp = get("app-1").desired_lrp();
  CHECK(lrp.action().run_action().path() == "/bin/true");
  CHECK(lrp.metrics_guid() == "s-app-1");
  CHECK(lrp.modification_tag().epoch().size() == 36);
  CHECK(lrp.modification_tag().index() == 0);

  models::UpdateDesiredLRPRequest update;
  update.set_process_guid("app-1");
  update.mutable_update()->set_annotation("new");
  update.mutable_update()->set_instances(2);
  (*update.mutable_update()->mutable_routes()->mutable_routes())["r"] = "[1]";
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/update", update)) == "");
  update.set_process_guid("nobody");
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/update", update)) == kNotFound);
  CHECK(get("app-1").desired_lrp().annotation() == "new");
  CHECK(get("app-1").desired_lrp().modification_tag().index() == 1);

  models::DesiredLRPsRequest list;
  const auto count = [&](const char* path) {
    return client.Call<models::DesiredLRPsResponse>(path, list).desired_lrps_size();
  };
  CHECK(count("/v1/desired_lrps/list.r3") == 2);
  list.add_process_guids("app-2");
  CHECK(count("/v1/desired_lrps/list.r3") == 1);
  CHECK(count("/v1/desired_lrp_routing_infos/list") == 1);
  list.set_domain("elsewhere");
  CHECK(count("/v1/desired_lrps/list.r3") == 0);
  CHECK(count("/v1/desired_lrp_routing_infos/list") == 1);  // knows process guids only
  CHECK(client
            .Call<models::DesiredLRPSchedulingInfosResponse>(
                "/v1/desired_lrp_scheduling_infos/list", list)
            .desired_lrp_scheduling_infos_size() == 0);
  by_guid.set_process_guid("app-1");
  const auto info = client.Call<models::DesiredLRPSchedulingInfoByProcessGuidResponse>(
      "/v1/desired_lrp_scheduling_infos/get_by_process_guid", by_guid);
  CHECK(info.desired_lrp_scheduling_info().instances() == 2);
  CHECK(info.desired_lrp_scheduling_info().routes().routes().at("r") == "[1]");

  models::RemoveDesiredLRPRequest remove;
  remove.set_process_guid("app-1");
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/remove", remove)) == "");
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/remove", remove)) == kNotFound);
  CHECK(ListActual(client, "app-1").empty());
}

TEST_CASE("compat: the app is told when its LRP could not be desired", "[compat]") {
  Fixture fixture(harness::Store::kSqlite);
  Client client = fixture.Operator();
  const char* path = "/v1/desired_lrp/desire.r2";
  models::DesireLRPRequest bad = DesireLrp("1-2-3-4-5-6-7");
  bad.mutable_desired_lrp()->set_instances(-1);
  CHECK(ErrorOf(client.Call<DesiredLifecycle>(path, bad)) ==
        "InvalidRequest: Invalid field: instances");
  // What came whole before the fault is the guid.
  const std::string unreadable = DesireLrp("a-b").SerializeAsString() + "\xff";
  CHECK(ErrorOf(client.Call<DesiredLifecycle>(path, absl::string_view(unreadable))) ==
        "InvalidRequest: the request received is invalid");
  std::ifstream file(fixture.deployment().cluster().Find("bbs-1").log_file);
  std::vector<std::string> told;
  for (std::string line; std::getline(file, line);) {
    if (line.find("\"source_type\":\"DIEGO-API\"") != std::string::npos) told.push_back(line);
  }
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], Catch::Contains("\"source_id\":\"1-2-3-4-5\"") &&
                          Catch::Contains("\"text\":\"Error parsing request for app with guid "
                                          "1-2-3-4-5, InvalidRequest, Invalid field: instances\""));
  CHECK_THAT(told[1], Catch::Contains("\"source_id\":\"a-b\"") &&
                          Catch::Contains("with guid a-b, InvalidRequest, the request received is "
                                          "invalid"));
}

TEST_CASE("compat: the life of an actual LRP", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  REQUIRE(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", DesireLrp("app"))) ==
          "");
  CHECK(States(client, "app") == "UNCLAIMED/ORDINARY");

  models::ClaimActualLRPRequest claim;
  claim.set_process_guid("app");
  *claim.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/claim", claim)) == "");
  CHECK(States(client, "app") == "CLAIMED/ORDINARY");
  Client other = fixture.Cell("cell-2");
  *claim.mutable_actual_lrp_instance_key() = InstanceKey("i-2", "cell-2");
  CHECK(ErrorOf(other.Call<Lifecycle>("/v1/actual_lrps/claim", claim)) ==
        "ActualLRPCannotBeClaimed: cannot claim actual LRP");
  claim.set_process_guid("nobody");
  CHECK(ErrorOf(other.Call<Lifecycle>("/v1/actual_lrps/claim", claim)) == kNotFound);

  // The older form knows of no internal routes and tags.
  const auto start = Running<models::StartActualLRPRequest>("app", "i-1", "cell-1");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/start", start)) == "");
  CHECK(ListActual(client, "app")[0].actual_lrp_internal_routes().empty());
  CHECK(ListActual(client, "app")[0].metric_tags().empty());
  CHECK(ListActual(client, "app")[0].routable());
  CHECK(ListActual(client, "app")[0].availability_zone() == "z1");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/start.r1", start)) == "");
  CHECK(ListActual(client, "app")[0].actual_lrp_internal_routes_size() == 1);
  CHECK(ListActual(client, "app")[0].metric_tags().at("app") == "a");
  CHECK(ErrorOf(other.Call<Lifecycle>(
            "/v1/actual_lrps/start.r1",
            Running<models::StartActualLRPRequest>("app", "i-2", "cell-2"))) ==
        "ActualLRPCannotBeStarted: cannot start actual LRP");

  models::ActualLRPsByProcessGuidsRequest by_guids;
  CHECK(ErrorOf(client.Call<models::ActualLRPsByProcessGuidsResponse>(
            "/v1/actual_lrps/list_by_process_guids", by_guids)) ==
        "InvalidRequest: process_guids must not be empty");
  by_guids.add_process_guids("app");
  CHECK(client
            .Call<models::ActualLRPsByProcessGuidsResponse>("/v1/actual_lrps/list_by_process_guids",
                                                            by_guids)
            .actual_lrps_size() == 1);

  models::CrashActualLRPRequest crash;
  *crash.mutable_actual_lrp_key() = Key("app");
  *crash.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
  crash.set_error_message("boom");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/crash", crash)) == "");
  CHECK(States(client, "app") == "UNCLAIMED/ORDINARY");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/crash", crash)) ==
        "ActualLRPCannotBeCrashed: cannot crash actual LRP");

  models::FailActualLRPRequest fail;
  *fail.mutable_actual_lrp_key() = Key("app");
  CHECK(ErrorOf(client.Call<Lifecycle>("/v1/actual_lrps/fail", fail)) ==
        "InvalidRequest: Invalid field: error_message");
  fail.set_error_message("no room");
  CHECK(ErrorOf(client.Call<Lifecycle>("/v1/actual_lrps/fail", fail)) == "");
  CHECK(ListActual(client, "app")[0].placement_error() == "no room");

  models::RemoveActualLRPRequest remove;
  remove.set_process_guid("app");
  *remove.mutable_actual_lrp_instance_key() = InstanceKey("i-9", "cell-1");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/remove", remove)) == kNotFound);
  models::RetireActualLRPRequest retire;
  *retire.mutable_actual_lrp_key() = Key("app");
  CHECK(ErrorOf(client.Call<Lifecycle>("/v1/actual_lrps/retire", retire)) == "");
  CHECK(States(client, "app") == "");
}

TEST_CASE("compat: evacuation, and groups", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  REQUIRE(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", DesireLrp("app"))) ==
          "");
  REQUIRE(ErrorOf(cell.Call<Lifecycle>(
              "/v1/actual_lrps/start.r1",
              Running<models::StartActualLRPRequest>("app", "i-1", "cell-1"))) == "");

  models::ActualLRPGroupByProcessGuidAndIndexRequest one;
  one.set_process_guid("app");
  const auto group = [&] {
    return client.Call<models::ActualLRPGroupResponse>(
        "/v1/actual_lrp_groups/get_by_process_guid_and_index", one);
  };
  CHECK(group().actual_lrp_group().instance().state() == "RUNNING");
  CHECK_FALSE(group().actual_lrp_group().has_evacuating());

  const auto evacuate = Running<models::EvacuateRunningActualLRPRequest>("app", "i-1", "cell-1");
  auto kept =
      cell.Call<models::EvacuationResponse>("/v1/actual_lrps/evacuate_running.r1", evacuate);
  CHECK(ErrorOf(kept) == "");
  CHECK(kept.keep_container());
  const auto evacuating = [&] { return group().actual_lrp_group().evacuating(); };
  CHECK(evacuating().actual_lrp_internal_routes_size() == 1);
  CHECK(evacuating().metric_tags().at("app") == "a");
  // The older form knows of neither.
  kept = cell.Call<models::EvacuationResponse>("/v1/actual_lrps/evacuate_running", evacuate);
  CHECK(kept.keep_container());
  CHECK(evacuating().actual_lrp_internal_routes_size() == 0);
  CHECK(evacuating().metric_tags().empty());
  CHECK(States(client, "app") == "UNCLAIMED/ORDINARY RUNNING/EVACUATING");
  CHECK(group().actual_lrp_group().instance().state() == "UNCLAIMED");
  CHECK(group().actual_lrp_group().evacuating().state() == "RUNNING");

  models::ActualLRPGroupsRequest all;
  const auto groups = [&] {
    const auto response =
        client.Call<models::ActualLRPGroupsResponse>("/v1/actual_lrp_groups/list", all);
    CHECK(ErrorOf(response) == "");
    return response;
  };
  REQUIRE(groups().actual_lrp_groups_size() == 1);
  all.set_cell_id("cell-1");  // makes up the group of the rows on that cell only
  REQUIRE(groups().actual_lrp_groups_size() == 1);
  CHECK_FALSE(groups().actual_lrp_groups(0).has_instance());
  CHECK(groups().actual_lrp_groups(0).has_evacuating());
  all.set_cell_id("cell-9");
  CHECK(groups().actual_lrp_groups_size() == 0);
  models::ActualLRPGroupsByProcessGuidRequest by_guid;
  by_guid.set_process_guid("app");
  CHECK(client
            .Call<models::ActualLRPGroupsResponse>("/v1/actual_lrp_groups/list_by_process_guid",
                                                   by_guid)
            .actual_lrp_groups_size() == 1);
  one.set_index(7);
  CHECK(ErrorOf(group()) == kNotFound);

  models::RemoveEvacuatingActualLRPRequest remove;
  *remove.mutable_actual_lrp_key() = Key("app");
  *remove.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
  using Removed = models::RemoveEvacuatingActualLRPResponse;
  CHECK(ErrorOf(cell.Call<Removed>("/v1/actual_lrps/remove_evacuating", remove)) == "");
  CHECK(ErrorOf(cell.Call<Removed>("/v1/actual_lrps/remove_evacuating", remove)) == kNotFound);

  // Bad requests: what a cell is to do with its container then.
  struct Row {
    const char* path;
    bool keep;
  };
  for (const Row& row : {Row{"/v1/actual_lrps/evacuate_claimed", true},
                         Row{"/v1/actual_lrps/evacuate_crashed", false},
                         Row{"/v1/actual_lrps/evacuate_stopped", false},
                         Row{"/v1/actual_lrps/evacuate_running.r1", true},
                         Row{"/v1/actual_lrps/evacuate_running", true}}) {
    INFO(row.path);
    for (const char* body : {"", "\xff\xff"}) {
      const auto response = cell.Call<models::EvacuationResponse>(row.path, body);
      CHECK(response.error().type() == models::Error::InvalidRequest);
      CHECK(response.keep_container() == row.keep);
    }
  }
  models::EvacuateStoppedActualLRPRequest stopped;
  *stopped.mutable_actual_lrp_key() = Key("app");
  *stopped.mutable_actual_lrp_instance_key() = InstanceKey("i-9", "cell-1");
  kept = cell.Call<models::EvacuationResponse>("/v1/actual_lrps/evacuate_stopped", stopped);
  CHECK(ErrorOf(kept) == kNotFound);
  CHECK_FALSE(kept.keep_container());
}

TEST_CASE("compat: an evacuating cell's claimed, crashed and stopped instances", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  const auto desire_and = [&](const std::string& guid, const char* path, const auto& request) {
    REQUIRE(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", DesireLrp(guid))) ==
            "");
    REQUIRE(ErrorOf(cell.Call<Lifecycle>(path, request)) == "");
  };
  const auto evacuate = [&](const char* path, auto request, const std::string& guid) {
    *request.mutable_actual_lrp_key() = Key(guid);
    *request.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
    const auto answer = cell.Call<models::EvacuationResponse>(path, request);
    CHECK(ErrorOf(answer) == "");
    CHECK_FALSE(answer.keep_container());
  };
  models::ClaimActualLRPRequest claim;
  claim.set_process_guid("claimed");
  *claim.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
  desire_and("claimed", "/v1/actual_lrps/claim", claim);
  evacuate("/v1/actual_lrps/evacuate_claimed", models::EvacuateClaimedActualLRPRequest(),
           "claimed");
  CHECK(States(client, "claimed") == "UNCLAIMED/ORDINARY");

  const auto running = [](const std::string& guid) {
    return Running<models::StartActualLRPRequest>(guid, "i-1", "cell-1");
  };
  desire_and("crashed", "/v1/actual_lrps/start.r1", running("crashed"));
  models::EvacuateCrashedActualLRPRequest crashed;
  crashed.set_error_message("boom");
  evacuate("/v1/actual_lrps/evacuate_crashed", crashed, "crashed");
  CHECK(States(client, "crashed") == "UNCLAIMED/ORDINARY");
  CHECK(ListActual(client, "crashed")[0].crash_reason() == "boom");
  CHECK(ListActual(client, "crashed")[0].crash_count() == 1);

  desire_and("stopped", "/v1/actual_lrps/start.r1", running("stopped"));
  evacuate("/v1/actual_lrps/evacuate_stopped", models::EvacuateStoppedActualLRPRequest(),
           "stopped");
  CHECK(States(client, "stopped") == "");
}

TEST_CASE("compat: texts that are no UTF-8 are taken, as of the original's clients", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  REQUIRE(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/desire.r2", DesireTask("t"))) == "");
  models::StartTaskRequest start;
  start.set_task_guid("t");
  start.set_cell_id("cell-1");
  REQUIRE(cell.Call<models::StartTaskResponse>("/v1/tasks/start", start).should_start());
  models::CompleteTaskRequest complete;
  complete.set_task_guid("t");
  complete.set_cell_id("cell-1");
  complete.set_result("PNG \x89 \xe2\x82\xac");
  CHECK(ErrorOf(cell.Call<TaskLifecycle>("/v1/tasks/complete", complete)) == "");
  models::TaskByGuidRequest by_guid;
  by_guid.set_task_guid("t");
  CHECK(
      client.Call<models::TaskResponse>("/v1/tasks/get_by_task_guid.r3", by_guid).task().result() ==
      "PNG \xef\xbf\xbd \xe2\x82\xac");

  REQUIRE(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", DesireLrp("app"))) ==
          "");
  REQUIRE(ErrorOf(cell.Call<Lifecycle>(
              "/v1/actual_lrps/start.r1",
              Running<models::StartActualLRPRequest>("app", "i-1", "cell-1"))) == "");
  models::CrashActualLRPRequest crash;
  *crash.mutable_actual_lrp_key() = Key("app");
  *crash.mutable_actual_lrp_instance_key() = InstanceKey("i-1", "cell-1");
  crash.set_error_message("M\xfcll");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/crash", crash)) == "");
  CHECK(ListActual(client, "app")[0].crash_reason() == "M\xef\xbf\xbdll");
}

TEST_CASE("compat: the life of a task", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  const auto desire = [&](const std::string& guid) {
    return ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/desire.r2", DesireTask(guid)));
  };
  CHECK(desire("t") == "");
  CHECK(desire("t") == "ResourceExists: the requested resource already exists");
  CHECK(desire("") == "InvalidRequest: Invalid field: task_guid");

  models::StartTaskRequest start;
  start.set_task_guid("t");
  start.set_cell_id("cell-1");
  auto started = cell.Call<models::StartTaskResponse>("/v1/tasks/start", start);
  CHECK((ErrorOf(started) == "" && started.should_start()));
  started = cell.Call<models::StartTaskResponse>("/v1/tasks/start", start);
  CHECK((ErrorOf(started) == "" && !started.should_start()));

  models::CompleteTaskRequest complete;
  complete.set_task_guid("t");
  complete.set_cell_id("cell-2");
  complete.set_result("42");
  Client other = fixture.Cell("cell-2");
  CHECK(ErrorOf(other.Call<TaskLifecycle>("/v1/tasks/complete", complete)) ==
        "RunningOnDifferentCell: Running on cell cell-1 not cell-2");
  models::TaskGuidRequest guid;
  guid.set_task_guid("t");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/resolving", guid)) ==
        "InvalidStateTransition: Cannot transition from Running to Resolving");
  complete.set_cell_id("cell-1");
  CHECK(ErrorOf(cell.Call<TaskLifecycle>("/v1/tasks/complete", complete)) == "");
  models::TaskByGuidRequest by_guid;
  by_guid.set_task_guid("t");
  const auto task = client.Call<models::TaskResponse>("/v1/tasks/get_by_task_guid.r3", by_guid);
  CHECK(task.task().state() == models::Task::Completed);
  CHECK(task.task().result() == "42");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/resolving", guid)) == "");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/delete", guid)) == "");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/delete", guid)) == kNotFound);
  CHECK(ErrorOf(client.Call<models::TaskResponse>("/v1/tasks/get_by_task_guid.r3", by_guid)) ==
        kNotFound);

  for (const char* name : {"cancelled", "failed", "rejected"}) REQUIRE(desire(name) == "");
  guid.set_task_guid("cancelled");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/cancel", guid)) == "");
  models::FailTaskRequest fail;
  fail.set_task_guid("failed");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/fail", fail)) ==
        "InvalidRequest: Invalid field: failure_reason");
  fail.set_failure_reason("because");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/fail", fail)) == "");
  models::RejectTaskRequest reject;
  reject.set_task_guid("rejected");
  reject.set_rejection_reason("full");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/reject", reject)) == "");
  models::TasksRequest list;
  list.set_domain("compat");
  const auto tasks = client.Call<models::TasksResponse>("/v1/tasks/list.r3", list);
  REQUIRE(tasks.tasks_size() == 3);
  CHECK(tasks.tasks(0).failure_reason() == "task was cancelled");
  CHECK(tasks.tasks(1).failure_reason() == "because");
  CHECK(tasks.tasks(2).rejection_count() == 1);
  list.set_cell_id("cell-1");
  CHECK(client.Call<models::TasksResponse>("/v1/tasks/list.r3", list).tasks_size() == 0);
}

}  // namespace
}  // namespace diego::compat
