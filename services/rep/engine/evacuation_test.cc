#include "services/rep/engine/evacuation.h"

#include "services/rep/engine/testing_cell_world.h"

namespace diego::rep {
namespace {

// The world of a cell that evacuates.
struct Leaving : World {
  Evacuation evacuation{{absl::Seconds(1), absl::Seconds(60)},
                        kCell,
                        cell,
                        executor,
                        records,
                        clock,
                        metrics,
                        log,
                        [this](bool complete) {
                          ++endings;
                          was_complete = complete;
                        }};
  int endings = 0;
  bool was_complete = false;

  void Begin() {
    cell.BeginEvacuation();
    evacuation.Step();
    Settle();
  }
};

TEST_CASE("evacuation: a running instance runs on until its replacement does", "[rep][engine]") {
  Leaving world;
  world.Run();
  const std::string guid = world.Only().guid;
  world.Begin();
  CHECK(world.cell.State().evacuating);
  CHECK(world.Row().state == ActualLrpState::kUnclaimed);
  CHECK(world.records.evacuating.at(kWeb).instance.instance_guid.value() == guid);
  CHECK(world.Only().state == ContainerState::kRunning);
  // Nothing new: a pass leaves it alone.
  world.Bulk();
  world.evacuation.Step();
  CHECK(world.endings == 0);
  CHECK(world.LoggedTimes("running-evacuator.evacuation-incomplete") == 1);
  REQUIRE(world.executor.List().size() == 1);
  CHECK(
      world.executor.app_log ==
      std::vector<std::string>{guid + "|Cell cell-1 requesting replacement for instance " + guid});
  // The replacement runs elsewhere.
  ActualLrp& row = world.records.lrps.at(kWeb);
  row.state = ActualLrpState::kRunning;
  row.instance = {InstanceGuid("other"), CellId("cell-2")};
  world.Bulk();
  CHECK(world.executor.List().empty());
  CHECK(world.records.evacuating.empty());
  CHECK(world.Row().instance.instance_guid.value() == "other");
  world.evacuation.Step();
  world.evacuation.Step();
  CHECK(world.endings == 1);
  CHECK(world.was_complete);
  CHECK(world.LoggedTimes("running-evacuator.evacuation-complete") == 1);
}

TEST_CASE("evacuation: what has not come to run gives its claim up", "[rep][engine]") {
  Leaving world;
  world.Desire();
  world.Settle();
  REQUIRE(world.Row().state == ActualLrpState::kClaimed);
  world.Begin();
  CHECK(world.Row().state == ActualLrpState::kUnclaimed);
  CHECK(world.executor.List().empty());
}

TEST_CASE("evacuation: an instance that ends meanwhile is reported as the evacuated one it is",
          "[rep][engine]") {
  Leaving world;
  world.Run();
  world.cell.BeginEvacuation();
  RunResult crash;
  crash.failed = true;
  crash.failure_reason = "APP: Exited with status 1";
  world.executor.End(world.Only().guid, crash);
  world.Settle();
  CHECK(world.Row().crash_reason == "APP: Exited with status 1");
  CHECK(world.executor.List().empty());
}

TEST_CASE("evacuation: an instance that is stopped meanwhile is reported as stopped",
          "[rep][engine]") {
  Leaving world;
  world.Run();
  const std::string guid = world.Only().guid;
  SECTION("before it was marked as evacuating") {
    world.cell.BeginEvacuation();
    REQUIRE(world.cell.StopLrp(InstanceGuid(guid)).ok());
    world.Settle();
    CHECK(world.records.lrps.empty());
  }
  SECTION("after that: its replacement's record stays") {
    world.Begin();
    REQUIRE(world.records.evacuating.count(kWeb) == 1);
    REQUIRE(world.cell.StopLrp(InstanceGuid(guid)).ok());
    world.Settle();
    CHECK(world.Row().state == ActualLrpState::kUnclaimed);
  }
  CHECK(world.records.evacuated_stopped == std::vector<std::string>{guid});
  CHECK(world.records.evacuating.empty());
  CHECK(world.executor.List().empty());
}

TEST_CASE("evacuation: a record whose container is gone is removed", "[rep][engine]") {
  Leaving world;
  world.Run();
  world.Begin();
  world.executor.Vanish(world.Only().guid);
  world.Bulk();
  CHECK(world.records.evacuating.empty());
}

TEST_CASE("evacuation: no work is taken, and tasks finish where they are", "[rep][engine]") {
  Leaving world;
  world.DesireTask();
  world.Settle();
  world.executor.BecomeRunning(world.Only().guid);
  world.Begin();
  CHECK(world.Only().state == ContainerState::kRunning);
  Work work;
  CellLrp lrp;
  lrp.key = kWeb;
  lrp.placement.root_fs = "preloaded:busybox";
  work.lrps = {lrp};
  CHECK(world.cell.Perform(work)->lrps.size() == 1);
  world.executor.End(world.Only().guid, {});
  world.Settle();
  CHECK(world.records.tasks.at(kTask).state == TaskState::kCompleted);
  CHECK_FALSE(world.records.tasks.at(kTask).failed);
  world.evacuation.Step();
  CHECK(world.was_complete);
}

TEST_CASE("evacuation: the timeout cuts off what is left, and says so", "[rep][engine]") {
  Leaving world;
  world.Run();
  const std::string guid = world.Only().guid;
  world.DesireTask();
  world.Settle();
  world.executor.BecomeRunning(kTask.value());
  world.Begin();
  world.clock.Advance(absl::Seconds(59));
  world.evacuation.Step();
  CHECK(world.endings == 0);
  world.clock.Advance(absl::Seconds(1));
  SECTION("with a BBS that answers") {
    world.evacuation.Step();
    CHECK(world.endings == 1);
    CHECK_FALSE(world.was_complete);
    CHECK(world.executor.app_log.back() ==
          guid + "|Cell cell-1 reached evacuation timeout for instance " + guid);
    CHECK(world.records.evacuating.empty());
    CHECK(world.records.tasks.at(kTask).failure_reason == "timed out during cell evacuation");
  }
  SECTION("but not while the BBS cannot be asked") {
    world.records.away = true;
    world.evacuation.Step();
    CHECK(world.endings == 0);
    CHECK(world.executor.List().size() == 2);
    world.records.away = false;
    world.evacuation.Step();
    CHECK(world.endings == 1);
  }
}

TEST_CASE("evacuation: a BBS that is away keeps every instance running", "[rep][engine]") {
  Leaving world;
  world.Run();
  world.records.away = true;
  world.cell.BeginEvacuation();
  for (int i = 0; i < 5; ++i) {
    world.loop.Step();
    world.clock.Advance(absl::Seconds(5));
  }
  CHECK(world.Only().state == ContainerState::kRunning);
  world.records.away = false;
  world.Bulk();
  CHECK(world.records.evacuating.count(kWeb) == 1);
}

}  // namespace
}  // namespace diego::rep
