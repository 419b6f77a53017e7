#include <catch2/catch.hpp>

#include "google/protobuf/text_format.h"
#include "services/cfdot/render/columns.h"
#include "services/cfdot/render/event_text.h"
#include "services/cfdot/render/explain_text.h"
#include "services/cfdot/render/groups.h"
#include "services/cfdot/render/json_lines.h"
#include "services/cfdot/render/text_table.h"

namespace diego::cfdot {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

template <typename Message>
Message Read(const std::string& text) {
  Message message;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

models::ActualLRP Lrp(int index, const std::string& instance, const std::string& state,
                      models::ActualLRP::Presence presence = models::ActualLRP::ORDINARY) {
  models::ActualLRP lrp;
  lrp.mutable_actual_lrp_key()->set_process_guid("web");
  lrp.mutable_actual_lrp_key()->set_index(index);
  lrp.mutable_actual_lrp_instance_key()->set_instance_guid(instance);
  lrp.set_state(state);
  lrp.set_presence(presence);
  return lrp;
}

SubscribeResponse Created(const models::ActualLRP& lrp) {
  SubscribeResponse response;
  *response.mutable_actual_lrp_instance_created()->mutable_actual_lrp() = lrp;
  return response;
}
SubscribeResponse Removed(const models::ActualLRP& lrp) {
  SubscribeResponse response;
  *response.mutable_actual_lrp_instance_removed()->mutable_actual_lrp() = lrp;
  return response;
}
SubscribeResponse Changed(const models::ActualLRP& before, const models::ActualLRP& after) {
  SubscribeResponse response;
  auto* event = response.mutable_actual_lrp_instance_changed();
  *event->mutable_actual_lrp_key() = after.actual_lrp_key();
  *event->mutable_actual_lrp_instance_key() = after.actual_lrp_instance_key();
  event->mutable_before()->set_state(before.state());
  event->mutable_before()->set_presence(before.presence());
  event->mutable_after()->set_state(after.state());
  event->mutable_after()->set_presence(after.presence());
  *event->mutable_before()->mutable_modification_tag() = before.modification_tag();
  *event->mutable_after()->mutable_modification_tag() = after.modification_tag();
  return response;
}

TEST_CASE("a table aligns by characters and shows the empty", "[cfdot]") {
  CHECK(FormatTable({"NAME", "N"}, {{"ä", "10"}, {"", "2"}, {"two\nlines", ""}}) ==
        "NAME       N\n"
        "ä          10\n"
        "-          2\n"
        "two lines  -\n");
  CHECK(FormatTable({"NAME"}, {}) == "NAME\n");
}

TEST_CASE("ages are read at a glance", "[cfdot]") {
  CHECK(FormatAge(-absl::Seconds(3)) == "0s");
  CHECK(FormatAge(absl::Seconds(59)) == "59s");
  CHECK(FormatAge(absl::Seconds(312)) == "5m12s");
  CHECK(FormatAge(absl::Minutes(185)) == "3h5m");
  CHECK(FormatAge(absl::Hours(52)) == "2d4h");
  CHECK(FormatSince(0, kNow).empty());
}

TEST_CASE("amounts and long texts are shortened", "[cfdot]") {
  CHECK(FormatMegabytes(512) == "512 MB");
  CHECK(FormatMegabytes(2048) == "2 GB");
  CHECK(FormatMegabytes(1536) == "1.5 GB");
  CHECK(Shorten("abc", 3) == "abc");
  CHECK(Shorten("äöüß", 3) == "äö…");
}

TEST_CASE("every noun fills every column", "[cfdot]") {
  const auto lrp = Read<models::ActualLRP>(R"(
    actual_lrp_key { process_guid: "web" index: 1 } state: "RUNNING" routable: true
    actual_lrp_instance_key { instance_guid: "i1" cell_id: "c1" } since: 1799999688000000000
    actual_lrp_net_info { address: "10.0.0.1" ports { host_port: 61001 container_port: 8080 } }
    placement_error: "insufficient resources: memory")");
  CHECK(RowOf(lrp, kNow) == Row{"web", "1", "RUNNING", "ORDINARY", "5m12s", "c1", "i1", "", "0",
                                "yes", "10.0.0.1 61001->8080", "insufficient resources: memory"});
  CHECK(TitlesOf(lrp).size() == RowOf(lrp, kNow).size());
  auto crashed = lrp;
  crashed.set_state("CRASHED");
  CHECK(RowOf(crashed, kNow)[9] == "-");
  const auto task = Read<models::Task>(
      R"(task_guid: "sum" domain: "demo" state: Completed cell_id: "c1" result: "5050")");
  CHECK(RowOf(task, kNow) == Row{"sum", "demo", "Completed", "", "c1", "no", "5050"});
  const auto cell = Read<models::CellPresence>(R"(
    cell_id: "c1" zone: "z1" rep_grpc_address: "a:1" rep_url: "https://x:2"
    capacity { memory_mb: 2048 disk_mb: 100 containers: 5 }
    rootfs_providers { name: "preloaded" properties: "busybox" } rootfs_providers { name: "docker" })");
  CHECK(RowOf(cell, kNow) == Row{"c1", "z1", "a:1", "2 GB", "100 MB", "5", "busybox,docker", ""});
  CHECK(TitlesOf(models::DesiredLRP()).size() == RowOf(models::DesiredLRP(), kNow).size());
  CHECK(TitlesOf(models::DesiredLRPSchedulingInfo()).size() ==
        RowOf(models::DesiredLRPSchedulingInfo(), kNow).size());
  CHECK(TitlesOf(models::ActualLRPGroup()).size() == RowOf(models::ActualLRPGroup(), kNow).size());
  CHECK(TitlesOf(models::Resource()).size() == RowOf(models::Resource(), kNow).size());
  CHECK(TitlesOf(StateResponse()).size() == RowOf(StateResponse(), kNow).size());
  const auto tag = Read<PlacementTag>("name: 'gpu' required_by_cells: 1 wanted_by_lrps: 2");
  CHECK(RowOf(tag, kNow) == Row{"gpu", "1 cell", "0 cells", "2 LRPs"});
  CHECK(TitlesOf(tag).size() == RowOf(tag, kNow).size());
  CHECK(TitlesOf(InstanceExplanation()).size() == RowOf(InstanceExplanation(), kNow).size());
}

TEST_CASE("a cell's state has the shape of the original's rep", "[cfdot]") {
  const auto state = Read<StateResponse>(R"(
    cell_id: "c1" rep_url: "https://c1:1801" cell_index: 2 zone: "z1"
    rootfs_providers { key: "preloaded" value { names: "b" names: "a" } }
    rootfs_providers { key: "docker" value { arbitrary: true } }
    available { memory_mb: 1 disk_mb: 2 containers: 3 } total { memory_mb: 4 disk_mb: 5 containers: 6 }
    lrps { key { process_guid: "web" index: 1 domain: "d" } instance_guid: "i" state: "RUNNING"
           demand { root_fs: "preloaded:a" memory_mb: 7 disk_mb: 8 max_pids: 9 placement_tags: "t" } }
    tasks { task_guid: "t" domain: "d" state: 2 failed: true } volume_drivers: "nfs")");
  CHECK(CellStateJson(state) ==
        R"({"rep_url":"https://c1:1801","cell_id":"c1","cell_index":2,)"
        R"("RootFSProviders":{"docker":{"type":"arbitrary"},)"
        R"("preloaded":{"type":"fixed_set","set":{"a":{},"b":{}}}},)"
        R"("AvailableResources":{"MemoryMB":1,"DiskMB":2,"Containers":3},)"
        R"("TotalResources":{"MemoryMB":4,"DiskMB":5,"Containers":6},)"
        R"("LRPs":[{"instance_guid":"i","process_guid":"web","index":1,"domain":"d",)"
        R"("PlacementTags":["t"],"VolumeDrivers":null,"RootFs":"preloaded:a","MemoryMB":7,)"
        R"("DiskMB":8,"MaxPids":9,"state":"RUNNING"}],)"
        R"("Tasks":[{"TaskGuid":"t","Domain":"d","PlacementTags":null,"VolumeDrivers":null,)"
        R"("RootFs":"","MemoryMB":0,"DiskMB":0,"MaxPids":0,"state":"Running","failed":true}],)"
        R"("StartingContainerCount":0,"Zone":"z1","Evacuating":false,"VolumeDrivers":["nfs"],)"
        R"("PlacementTags":null,"OptionalPlacementTags":null,"ProxyMemoryAllocationMB":0})");
}

TEST_CASE("in a pair the running ordinary instance wins over the suspect", "[cfdot]") {
  const auto groups = GroupsOf(std::vector<models::ActualLRP>{
      Lrp(1, "e", "RUNNING", models::ActualLRP::EVACUATING),
      Lrp(0, "s", "RUNNING", models::ActualLRP::SUSPECT), Lrp(0, "o", "CLAIMED"),
      Lrp(2, "s", "RUNNING", models::ActualLRP::SUSPECT), Lrp(2, "o", "RUNNING")});
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].instance().actual_lrp_instance_key().instance_guid() == "s");
  CHECK_FALSE(groups[1].has_instance());
  CHECK(groups[1].evacuating().actual_lrp_instance_key().instance_guid() == "e");
  CHECK(groups[2].instance().actual_lrp_instance_key().instance_guid() == "o");
}

TEST_CASE("events of pairs follow from those of instances", "[cfdot]") {
  const models::ActualLRP unclaimed = Lrp(0, "", "UNCLAIMED");
  const models::ActualLRP claimed = Lrp(0, "a", "CLAIMED");
  const models::ActualLRP running = Lrp(0, "a", "RUNNING");
  const models::ActualLRP evacuating = Lrp(0, "a", "RUNNING", models::ActualLRP::EVACUATING);
  struct Case {
    std::string what;
    std::vector<SubscribeResponse> revision;
    std::vector<std::string> names;
  };
  const auto row = GENERATE_COPY(values<Case>({
      {"row appears", {Created(unclaimed)}, {"actual_lrp_created"}},
      {"row disappears", {Removed(running)}, {"actual_lrp_removed"}},
      {"claimed to running", {Changed(claimed, running)}, {"actual_lrp_changed"}},
      {"unclaimed", {Created(unclaimed), Removed(running)}, {"actual_lrp_changed"}},
      {"evacuation",
       {Changed(running, evacuating), Created(unclaimed)},
       {"actual_lrp_changed", "actual_lrp_created"}},
      {"created and claimed at once",
       {Created(unclaimed), Changed(unclaimed, claimed)},
       {"actual_lrp_created"}},
      {"came and went", {Created(running), Removed(running)}, {}},
      {"nothing of instances", {SubscribeResponse()}, {}},
  }));
  INFO(row.what);
  std::vector<std::string> names;
  for (const GroupEvent& event : GroupEvents().Of(row.revision)) names.push_back(event.name());
  CHECK(names == row.names);
}

// A row as it is told of whole, at a tag.
models::ActualLRP At(models::ActualLRP lrp, const std::string& epoch, uint32_t index,
                     const std::string& route = "") {
  lrp.mutable_modification_tag()->set_epoch(epoch);
  lrp.mutable_modification_tag()->set_index(index);
  if (!route.empty()) {
    lrp.add_actual_lrp_internal_routes()->set_hostname(route);
    (*lrp.mutable_metric_tags())["source_id"] = route;
  }
  return lrp;
}

// "before -> after" of what an event of pairs says of routes and metric tags.
std::string Untold(const GroupEvent& event) {
  const auto text = [](const models::ActualLRPGroup& group) {
    const models::ActualLRP& lrp = group.has_instance() ? group.instance() : group.evacuating();
    std::string routes;
    for (const auto& route : lrp.actual_lrp_internal_routes()) routes += route.hostname();
    const auto tag = lrp.metric_tags().find("source_id");
    CHECK(routes == (tag == lrp.metric_tags().end() ? "" : tag->second));
    return routes;
  };
  return text(event.before) + " -> " + text(event.after);
}

TEST_CASE("an event of pairs has the routes and metric tags that can be known", "[cfdot]") {
  const auto running = Lrp(0, "a", "RUNNING");
  const auto claimed = Lrp(0, "a", "CLAIMED");
  const auto evacuating = Lrp(0, "a", "RUNNING", models::ActualLRP::EVACUATING);
  const auto suspect = Lrp(0, "a", "RUNNING", models::ActualLRP::SUSPECT);
  struct Step {
    const char* what;
    std::vector<SubscribeResponse> revision;
    std::string untold;
  };
  const Step steps[] = {
      {"not seen when it was created", {Changed(At(running, "e", 1), At(suspect, "e", 1))}, " -> "},
      {"gone: told whole", {Removed(At(suspect, "e", 1, "old"))}, "old -> "},
      {"created running", {Created(At(running, "f", 0, "r"))}, " -> r"},
      {"its cell is missed", {Changed(At(running, "f", 0), At(suspect, "f", 0))}, "r -> r"},
      {"and comes back", {Changed(At(suspect, "f", 0), At(running, "f", 0))}, "r -> r"},
      {"claimed again", {Changed(At(running, "f", 0), At(claimed, "f", 1))}, "r -> r"},
      {"reports anew: perhaps others",
       {Changed(At(claimed, "f", 1), At(running, "f", 2))},
       "r -> "},
      {"which cannot be known", {Changed(At(running, "f", 2), At(claimed, "f", 3))}, " -> "},
      {"unclaimed: the new is told before the old",
       {Created(At(Lrp(0, "", "UNCLAIMED"), "f", 4, "s")), Removed(At(claimed, "f", 3, "s"))},
       "s -> s"},
      {"claimed", {Changed(At(Lrp(0, "", "UNCLAIMED"), "f", 4), At(claimed, "f", 5))}, "s -> s"},
      {"a change was missed", {Changed(At(claimed, "f", 7), At(running, "f", 8))}, " -> "},
      {"created anew", {Created(At(running, "g", 0, "t"))}, " -> t"},
      {"evacuates: another epoch",
       {Changed(At(running, "g", 0), At(evacuating, "h", 0))},
       "t -> t"},
      {"is gone", {Removed(At(evacuating, "h", 0, "t"))}, "t -> "},
      {"another of no routes", {Created(At(evacuating, "h", 0))}, " -> "},
      {"has none", {Changed(At(evacuating, "h", 0), At(running, "h", 0))}, " -> "},
  };
  GroupEvents groups;
  for (const Step& step : steps) {
    INFO(step.what);
    const std::vector<GroupEvent> events = groups.Of(step.revision);
    REQUIRE_FALSE(events.empty());
    std::string untold = Untold(events[0]);
    // A row that moves is a slot left and a slot taken.
    if (events.size() == 2) {
      untold = untold.substr(0, untold.find(" -> ")) + Untold(events[1]);
    }
    CHECK(untold == step.untold);
  }
}

TEST_CASE("a refusal is told in words", "[cfdot]") {
  struct Case {
    const char* refusal;
    const char* text;
  };
  const auto row = GENERATE(values<Case>({
      {"", ""},
      {"reason: ROOT_FS cells_considered: 12 cells_without_root_fs: 12",
       "of 12 cells, 12 lack the rootfs"},
      {"reason: PLACEMENT_TAGS cells_considered: 4 cells_without_root_fs: 1 "
       "cells_without_volume_drivers: 1 cells_without_placement_tags: 2 cells_unreachable: 1",
       "of 4 cells, 1 lacks the rootfs, 1 lacks the volume drivers, 2 lack the placement tags; "
       "1 cell did not answer"},
      {"reason: NO_ROOM cells_considered: 12 cells_without_root_fs: 3 cells_short_of_memory: 9 "
       "memory_needed_mb: 1024 memory_short_mb: 512 cells_short_of_containers: 1 "
       "cells_evacuating: 2",
       "of 12 cells, 3 lack the rootfs; 9 match: 9 are short of memory (the nearest by 512 MB of "
       "1 GB), 1 is short of containers; 2 cells evacuate"},
      {"reason: IN_FLIGHT_LIMIT cells_considered: 2 containers_starting: 40 "
       "containers_starting_limit: 40",
       "40 containers start already, 40 may"},
      {"reason: NO_CELLS cells_unreachable: 3", "3 cells did not answer"},
      {"reason: HANDED_BACK cells_considered: 2 times_handed_back: 3 cells_unreachable: 1",
       "of 2 cells those with room handed it back, 3 times; 1 cell did not answer"},
  }));
  CHECK(RefusalText(Read<models::PlacementRefusal>(row.refusal)) == row.text);
}

TEST_CASE("what an instance waits for is told in words", "[cfdot]") {
  struct Case {
    const char* explanation;
    const char* text;
  };
  const auto row = GENERATE(values<Case>({
      {"waiting: NOTHING", "runs"},
      {"waiting: FOR_RECORD", "has no record; the next convergence makes one"},
      {"waiting: FOR_PLACE", "waits for a place"},
      {"waiting: FOR_PLACE instance { placement_error: 'no' placement_refusal { reason: NO_CELLS "
       "cells_unreachable: 2 } }",
       "waits for a place; no; 2 cells did not answer"},
      {"waiting: FOR_CELL", "is started by its cell"},
      {"waiting: FOR_RESTART restart_due_at: 1800000030000000000 instance { crash_count: 3 "
       "crash_reason: 'boom' }",
       "crashed 3 times, at last: boom; restarts in 30s"},
      {"waiting: FOR_RESTART restart_due_at: 1799999999000000000 instance { crash_count: 1 }",
       "crashed 1 time; its restart is due, with the next convergence"},
      {"waiting: FOR_EVER instance { crash_count: 200 }",
       "crashed 200 times; is not restarted any more"},
      {"waiting: FOR_STOP instance { actual_lrp_instance_key { cell_id: 'a' } }",
       "is not desired; its cell is to stop it when its domain is fresh, unless the LRP's record "
       "is "
       "quarantined"},
      {"waiting: FOR_STOP instance { state: 'CRASHED' }",
       "is not desired; convergence removes it when its domain is fresh"},
      {"waiting: FOR_REPLACEMENT instance { presence: SUSPECT }",
       "its cell is missing; counts until it is back or a replacement runs"},
      {"waiting: FOR_REPLACEMENT instance { presence: EVACUATING }",
       "its cell evacuates or an update rolls; serves until a replacement runs"},
  }));
  CHECK(WhyText(Read<InstanceExplanation>(row.explanation), kNow) == row.text);
}

TEST_CASE("an event is a line for people", "[cfdot]") {
  SubscribeResponse response = Changed(Lrp(0, "a", "CLAIMED"), Lrp(0, "a", "RUNNING"));
  response.mutable_actual_lrp_instance_changed()->mutable_actual_lrp_instance_key()->set_cell_id(
      "c1");
  CHECK(EventName(response) == "actual_lrp_instance_changed");
  CHECK_THAT(EventText(response, kNow),
             Catch::Contains("actual_lrp_instance_changed  web/0  CLAIMED -> RUNNING on c1 (a)"));
}

}  // namespace
}  // namespace diego::cfdot
