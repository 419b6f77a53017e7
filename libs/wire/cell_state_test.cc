#include "libs/wire/cell_state.h"

#include <catch2/catch.hpp>

#include "libs/models/error.h"

namespace diego::wire {
namespace {

const PlacementConstraint kPlacement{"preloaded:cflinuxfs4", {"tag"}, {"driver"}};
const WorkloadSize kSize{128, 256, 64};

CellLrp SampleLrp() {
  return {{ProcessGuid("p"), 3, Domain("d")}, InstanceGuid("i"), kPlacement, kSize, "RUNNING"};
}
CellTask SampleTask() {
  return {TaskGuid("t"), Domain("d"), kPlacement, kSize, TaskState::kCompleted, true};
}

TEST_CASE("wire: a cell's state survives the way there and back", "[wire]") {
  CellState state;
  state.cell_id = CellId("cell-1");
  state.rep_url = "https://cell-1:1801";
  state.cell_index = 4;
  state.zone = "z1";
  state.rootfs_providers = {{"preloaded", {false, {"a", "b"}}}, {"docker", {true, {}}}};
  state.available = {1, 2, 3};
  state.total = {4, 5, 6};
  state.lrps = {SampleLrp()};
  state.tasks = {SampleTask()};
  state.starting_container_count = 7;
  state.evacuating = true;
  state.volume_drivers = {"v"};
  state.placement_tags = {"x"};
  state.optional_placement_tags = {"y"};
  state.proxy_memory_allocation_mb = 32;
  const auto back = FromProto(ToProto(state));
  REQUIRE(back.ok());
  CHECK(*back == state);
}

TEST_CASE("wire: work, and what is handed back of it, survive", "[wire]") {
  const Work work{CellId("cell-1"), {SampleLrp()}, {SampleTask()}};
  const auto back = FromProto(ToProto(work));
  REQUIRE(back.ok());
  CHECK(back->cell_id == work.cell_id);
  CHECK(back->lrps == work.lrps);
  CHECK(back->tasks == work.tasks);
  const auto rejected = FromProto(RejectedProto(work));
  REQUIRE(rejected.ok());
  CHECK(rejected->lrps == work.lrps);
  CHECK(rejected->tasks == work.tasks);
}

TEST_CASE("wire: a task state without a name is refused", "[wire]") {
  TaskOnCell proto;
  proto.set_state(99);
  CHECK(IsDiegoError(FromProto(proto).status(), ErrorType::kInvalidRequest));
  StateResponse state;
  *state.add_tasks() = proto;
  CHECK_FALSE(FromProto(state).ok());
}

TEST_CASE("wire: an instance update tells empty from absent", "[wire]") {
  LrpInstanceUpdate update;
  update.key = {ProcessGuid("p"), 0, Domain("d")};
  update.instance = {InstanceGuid("i"), CellId("c")};
  CHECK(FromProto(ToProto(update)) == update);
  update.has_internal_routes = true;
  update.has_metric_tags = true;
  CHECK(FromProto(ToProto(update)) == update);
  update.internal_routes = {"a.internal"};
  update.metric_tags = {{"k", "v"}};
  CHECK(FromProto(ToProto(update)) == update);
}

TEST_CASE("wire: auction requests survive", "[wire]") {
  const LrpStartRequest lrp{ProcessGuid("p"), Domain("d"), {0, 2, 5}, kPlacement, kSize};
  CHECK(FromProto(ToProto(lrp)) == lrp);
  const TaskStartRequest task{TaskGuid("t"), Domain("d"), kPlacement, kSize};
  CHECK(FromProto(ToProto(task)) == task);
}

TEST_CASE("wire: what containers use survives", "[wire]") {
  CellUsage usage;
  usage.cell_id = CellId("c");
  usage.containers = {{"i", ProcessGuid("p"), 3, 0.5, 1, 2, 3, 4, "app"},
                      {"t", {}, 0, 0, 5, 6, 7, 8}};
  const CellUsage back = FromProto(ToProto(usage));
  CHECK(back.cell_id == usage.cell_id);
  CHECK(back.containers == usage.containers);
}

}  // namespace
}  // namespace diego::wire
