#include "libs/wire/cell_json.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/models/error.h"

namespace diego::wire {
namespace {

// Every key of the reference, in its order and case.
constexpr char kState[] =
    R"({"rep_url":"https://c.cell:1801","cell_id":"c","cell_index":3,)"
    R"("RootFSProviders":{"docker":{"type":"arbitrary"},)"
    R"("preloaded":{"type":"fixed_set","set":{"cflinuxfs3":{},"cflinuxfs4":{}}}},)"
    R"("AvailableResources":{"MemoryMB":1024,"DiskMB":2048,"Containers":99},)"
    R"("TotalResources":{"MemoryMB":4096,"DiskMB":8192,"Containers":100},)"
    R"("LRPs":[{"instance_guid":"ig","process_guid":"pg","index":1,"domain":"d",)"
    R"("PlacementTags":["pt"],"VolumeDrivers":["vd"],"RootFs":"preloaded:cflinuxfs4",)"
    R"("MemoryMB":128,"DiskMB":256,"MaxPids":64,"state":"RUNNING"}],)"
    R"("Tasks":[{"TaskGuid":"tg","Domain":"d","PlacementTags":null,"VolumeDrivers":null,)"
    R"("RootFs":"docker:///busybox","MemoryMB":1,"DiskMB":2,"MaxPids":3,"state":"Completed",)"
    R"("failed":true}],"StartingContainerCount":7,"Zone":"z1","Evacuating":true,)"
    R"("VolumeDrivers":["nfs"],"PlacementTags":["a"],"OptionalPlacementTags":["b"],)"
    R"("ProxyMemoryAllocationMB":32})";

CellState State() {
  CellState state;
  state.rep_url = "https://c.cell:1801";
  state.cell_id = CellId("c");
  state.cell_index = 3;
  state.rootfs_providers = {{"docker", {true, {}}},
                            {"preloaded", {false, {"cflinuxfs3", "cflinuxfs4"}}}};
  state.available = {1024, 2048, 99};
  state.total = {4096, 8192, 100};
  state.lrps = {{{ProcessGuid("pg"), 1, Domain("d")},
                 InstanceGuid("ig"),
                 {"preloaded:cflinuxfs4", {"pt"}, {"vd"}},
                 {128, 256, 64},
                 "RUNNING"}};
  state.tasks = {{TaskGuid("tg"),
                  Domain("d"),
                  {"docker:///busybox", {}, {}},
                  {1, 2, 3},
                  TaskState::kCompleted,
                  true}};
  state.starting_container_count = 7;
  state.zone = "z1";
  state.evacuating = true;
  state.volume_drivers = {"nfs"};
  state.placement_tags = {"a"};
  state.optional_placement_tags = {"b"};
  state.proxy_memory_allocation_mb = 32;
  return state;
}

TEST_CASE("cell json: a state is written and read to the letter", "[wire]") {
  CHECK(CellStateToJson(State()) == kState);
  const auto read = CellStateFromJson(kState);
  REQUIRE(read.ok());
  CHECK(*read == State());
}

TEST_CASE("cell json: an empty state has empty lists of work and null lists of names", "[wire]") {
  CHECK(CellStateToJson({}) ==
        R"({"rep_url":"","cell_id":"","cell_index":0,"RootFSProviders":{},)"
        R"("AvailableResources":{"MemoryMB":0,"DiskMB":0,"Containers":0},)"
        R"("TotalResources":{"MemoryMB":0,"DiskMB":0,"Containers":0},"LRPs":[],"Tasks":[],)"
        R"("StartingContainerCount":0,"Zone":"","Evacuating":false,"VolumeDrivers":null,)"
        R"("PlacementTags":null,"OptionalPlacementTags":null,"ProxyMemoryAllocationMB":0})");
  for (const char* text : {"{}", "null", R"({"LRPs":null,"Tasks":null,"TotalResources":null})",
                           R"({"a key of tomorrow":[{"x":1}]})"}) {
    const auto read = CellStateFromJson(text);
    REQUIRE(read.ok());
    CHECK(*read == CellState());
  }
}

TEST_CASE("cell json: keys are read in any case, the exact one first", "[wire]") {
  const auto read = CellStateFromJson(
      R"({"CELL_ID":"x","cell_id":"c","availableresources":{"memorymb":5},"lrps":[{"INDEX":2}]})");
  REQUIRE(read.ok());
  CHECK(read->cell_id.value() == "c");
  CHECK(read->available.memory_mb == 5);
  REQUIRE(read->lrps.size() == 1);
  CHECK(read->lrps[0].key.index == 2);
}

TEST_CASE("cell json: work, its answer, and an answer that hands nothing back", "[wire]") {
  Work work{CellId("c"), State().lrps, State().tasks};
  work.lrps[0].instance_guid = InstanceGuid();
  work.lrps[0].state = "";
  work.tasks[0].state = TaskState::kInvalid;
  work.tasks[0].failed = false;
  const std::string text = WorkToJson(work);
  CHECK(text ==
        R"({"LRPs":[{"instance_guid":"","process_guid":"pg","index":1,"domain":"d",)"
        R"("PlacementTags":["pt"],"VolumeDrivers":["vd"],"RootFs":"preloaded:cflinuxfs4",)"
        R"("MemoryMB":128,"DiskMB":256,"MaxPids":64,"state":""}],)"
        R"("Tasks":[{"TaskGuid":"tg","Domain":"d","PlacementTags":null,"VolumeDrivers":null,)"
        R"("RootFs":"docker:///busybox","MemoryMB":1,"DiskMB":2,"MaxPids":3,"state":"Invalid",)"
        R"("failed":false}],"cell_id":"c"})");
  const auto read = WorkFromJson(text);
  REQUIRE(read.ok());
  CHECK(read->cell_id == work.cell_id);
  CHECK(read->lrps == work.lrps);
  CHECK(read->tasks == work.tasks);
  CHECK(WorkToJson({}) == R"({"LRPs":null,"Tasks":null})");
}

TEST_CASE("cell json: an update leaves alone what is null", "[wire]") {
  LrpInstanceUpdate update;
  update.key = {ProcessGuid("pg"), 2, Domain("d")};
  update.instance.instance_guid = InstanceGuid("ig");
  const std::string head =
      R"({"instance_guid":"ig","process_guid":"pg","index":2,"domain":"d","internal_routes":)";
  CHECK(LrpUpdateToJson(update, UpdateVersion::kV2) == head + R"(null,"metric_tags":null})");
  update.has_internal_routes = update.has_metric_tags = true;
  CHECK(LrpUpdateToJson(update, UpdateVersion::kV2) == head + R"([],"metric_tags":{}})");
  update.internal_routes = {"a.internal", "b.internal"};
  update.metric_tags = {{"k", "v"}};
  const std::string text = LrpUpdateToJson(update, UpdateVersion::kV2);
  CHECK(text == head + R"([{"hostname":"a.internal"},{"hostname":"b.internal"}],)"
                       R"("metric_tags":{"k":"v"}})");
  CHECK(LrpUpdateToJson(update, UpdateVersion::kV1) ==
        head + R"([{"hostname":"a.internal"},{"hostname":"b.internal"}]})");
  const auto read = LrpUpdateFromJson(text);
  REQUIRE(read.ok());
  CHECK(*read == update);
  const auto neither = LrpUpdateFromJson(R"({"index":1,"internal_routes":null})");
  REQUIRE(neither.ok());
  CHECK_FALSE(neither->has_internal_routes);
  CHECK_FALSE(neither->has_metric_tags);
}

TEST_CASE("cell json: what containers use, LRPs and tasks apart", "[wire]") {
  CellUsage usage;
  usage.cell_id = CellId("c");
  usage.containers = {{"ig", ProcessGuid("pg"), 4, 0.25, 10, 20, 30, 40, "app"},
                      {"tg", ProcessGuid(), 0, 1, 1, 2, 3, 4, "task-app"}};
  CHECK(CellUsageToJson(usage) ==
        R"({"cell_id":"c","lrps":[{"instance_guid":"ig","process_guid":"pg","index":4,)"
        R"("metric_guid":"app","cpu_usage_fraction":0.25,"disk_usage_bytes":30,)"
        R"("disk_quota_bytes":40,"memory_usage_bytes":10,"memory_quota_bytes":20}],)"
        R"("tasks":[{"task_guid":"tg","metric_guid":"task-app","cpu_usage_fraction":1,)"
        R"("disk_usage_bytes":3,"disk_quota_bytes":4,"memory_usage_bytes":1,)"
        R"("memory_quota_bytes":2}]})");
  CHECK(CellUsageToJson({}) == R"({"cell_id":"","lrps":[],"tasks":[]})");
}

TEST_CASE("cell json: start requests of both kinds", "[wire]") {
  const std::vector<LrpStartRequest> lrps = {
      {ProcessGuid("pg"), Domain("d"), {0, 2}, {"preloaded:a", {"t"}, {}}, {1, 2, 3}}};
  const std::string lrp_text =
      R"([{"process_guid":"pg","domain":"d","indices":[0,2],"PlacementTags":["t"],)"
      R"("VolumeDrivers":null,"RootFs":"preloaded:a","MemoryMB":1,"DiskMB":2,"MaxPids":3}])";
  CHECK(LrpStartsToJson(lrps) == lrp_text);
  const auto read_lrps = LrpStartsFromJson(lrp_text);
  REQUIRE(read_lrps.ok());
  CHECK(*read_lrps == lrps);

  const std::vector<TaskStartRequest> tasks = {
      {TaskGuid("tg"), Domain("d"), {"docker:///a", {}, {"v"}}, {1, 2, 3}}};
  const std::string task_text =
      R"([{"TaskGuid":"tg","Domain":"d","PlacementTags":null,"VolumeDrivers":["v"],)"
      R"("RootFs":"docker:///a","MemoryMB":1,"DiskMB":2,"MaxPids":3,"state":"Invalid",)"
      R"("failed":false}])";
  CHECK(TaskStartsToJson(tasks) == task_text);
  const auto read_tasks = TaskStartsFromJson(task_text);
  REQUIRE(read_tasks.ok());
  CHECK(*read_tasks == tasks);
  for (const char* none : {"[]", "null"}) {
    CHECK(LrpStartsFromJson(none)->empty());
    CHECK(TaskStartsFromJson(none)->empty());
  }
}

TEST_CASE("cell json: what cannot be read is InvalidJSON and names the place", "[wire]") {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case works[] = {
      {"[]", "expected an object"},
      {R"({"LRPs":{}})", "LRPs: expected a list"},
      {R"({"LRPs":[{},{"index":1.5}]})",
       "LRPs[1].index: expected a whole number from -2147483648 to 2147483647"},
      {R"({"LRPs":[{"index":18446744073709551615}]})",
       "LRPs[0].index: expected a whole number from -2147483648 to 2147483647"},
      {R"({"LRPs":[7]})", "LRPs[0]: expected an object"},
      {R"({"Tasks":[{"TaskGuid":1}]})", "Tasks[0].TaskGuid: expected a string"},
      {R"({"Tasks":[{"state":"Bored"}]})", "Tasks[0].state: invalid state: Bored"},
      {R"({"Tasks":[{"failed":"no"}]})", "Tasks[0].failed: expected true or false"},
      {R"({"Tasks":[{"PlacementTags":[1]}]})", "Tasks[0].PlacementTags: expected strings"},
      {R"({"cell_id":{}})", "cell_id: expected a string"},
  };
  for (const Case& c : works) {
    INFO(c.text);
    const auto status = WorkFromJson(c.text).status();
    CHECK(IsDiegoError(status, ErrorType::kInvalidJSON));
    CHECK(status.message() == c.message);
  }
  for (const char* text : {"", "{", "{} {}", R"({"LRPs":[})", "\xff"}) {
    INFO(text);
    CHECK(IsDiegoError(WorkFromJson(text).status(), ErrorType::kInvalidJSON));
    CHECK(IsDiegoError(CellStateFromJson(text).status(), ErrorType::kInvalidJSON));
    CHECK(IsDiegoError(LrpUpdateFromJson(text).status(), ErrorType::kInvalidJSON));
    CHECK(IsDiegoError(LrpStartsFromJson(text).status(), ErrorType::kInvalidJSON));
    CHECK(IsDiegoError(TaskStartsFromJson(text).status(), ErrorType::kInvalidJSON));
  }
  CHECK(IsDiegoError(WorkFromJson(std::string(1000, '[')).status(), ErrorType::kInvalidJSON));
  CHECK(LrpStartsFromJson(R"([{"indices":["1"]}])").status().message() ==
        "[0].indices: expected a whole number from -2147483648 to 2147483647");
  CHECK(LrpStartsFromJson("{}").status().message() == "expected a list");
  CHECK(CellStateFromJson(R"({"RootFSProviders":{"docker":{"type":"odd"}}})").status().message() ==
        "RootFSProviders.docker.type: expected arbitrary or fixed_set");
  CHECK(LrpUpdateFromJson(R"({"metric_tags":{"k":1}})").status().message() ==
        "metric_tags.k: expected a string");
}

}  // namespace
}  // namespace diego::wire
