#include <catch2/catch.hpp>

#include "services/rep/engine/testing_cell_world.h"

namespace diego::rep {
namespace {

TEST_CASE("rep: work is reserved, claimed, run and reported", "[rep][engine]") {
  World world;
  world.Desire();
  CHECK(world.cell.State().lrps.at(0).state == "CLAIMED");
  CHECK(world.cell.State().available == Resources{900, 1000, 9});
  world.Settle();
  CHECK(world.Row().state == ActualLrpState::kClaimed);
  CHECK(world.Only().state == ContainerState::kInitializing);
  world.executor.BecomeRunning(world.Only().guid);
  world.Settle();
  CHECK(world.Row().state == ActualLrpState::kRunning);
  CHECK(world.Row().instance.instance_guid.value() == world.Only().guid);
  CHECK(world.Row().net_info.address == "10.0.0.1");
  CHECK(world.Row().net_info.ports.at(0).host_port == 61001);
  CHECK(world.Row().internal_routes == std::vector<std::string>{"web.internal"});
  CHECK(world.Row().availability_zone == "z1");
  CHECK(world.cell.State().lrps.at(0).state == "RUNNING");
}

TEST_CASE("rep: the definition that an instance was auctioned with is claimed, run and reported",
          "[rep][engine]") {
  World world;
  world.Desire("v2");
  world.Settle();
  CHECK(world.Row().definition_id == "v2");
  CHECK(world.records.definitions_asked_for == std::vector<std::string>{"v2"});
  world.executor.BecomeRunning(world.Only().guid);
  world.Settle();
  CHECK(world.Row().state == ActualLrpState::kRunning);
  CHECK(world.Row().definition_id == "v2");
  CHECK(world.records.starts == 1);
  world.Bulk();
  CHECK(world.records.starts == 1);
}

TEST_CASE("rep: a running instance that the BBS knows well is not reported again",
          "[rep][engine]") {
  World world;
  world.Run();
  CHECK(world.records.starts == 1);
  world.Bulk();
  CHECK(world.records.starts == 1);
  LrpInstanceUpdate update;
  update.instance = world.Row().instance;
  update.has_internal_routes = true;
  update.internal_routes = {"other.internal"};
  REQUIRE(world.cell.UpdateLrp(update).ok());
  world.Settle();
  CHECK(world.records.starts == 2);
  CHECK(world.Row().internal_routes == update.internal_routes);
  update.instance.instance_guid = InstanceGuid("nobody");
  CHECK(absl::IsNotFound(world.cell.UpdateLrp(update)));
}

TEST_CASE("rep: an index that another has claimed is given up", "[rep][engine]") {
  World world;
  world.Desire();
  world.records.lrps[kWeb].state = ActualLrpState::kClaimed;
  world.records.lrps[kWeb].instance = {InstanceGuid("other"), CellId("cell-2")};
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.Row().instance.cell_id == CellId("cell-2"));
}

TEST_CASE("rep: a running container that lost to another is stopped", "[rep][engine]") {
  World world;
  world.Desire();
  world.Settle();
  world.records.lrps[kWeb].state = ActualLrpState::kRunning;
  world.records.lrps[kWeb].instance = {InstanceGuid("other"), CellId("cell-2")};
  world.executor.BecomeRunning(world.Only().guid);
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.Row().instance.instance_guid == InstanceGuid("other"));
}

TEST_CASE("rep: a claim that is refused after the record was read costs the container",
          "[rep][engine]") {
  World world;
  world.Desire();
  SECTION("of a reservation") {
    world.records.claim_fault = DiegoError(ErrorType::kActualLRPCannotBeClaimed);
    world.Settle();
    CHECK(world.records.definitions_asked_for.empty());  // it was not on its way to run
  }
  SECTION("of a container that starts") {
    world.Settle();
    REQUIRE(world.Only().state == ContainerState::kInitializing);
    world.records.lrps[kWeb].state = ActualLrpState::kUnclaimed;
    world.records.lrps[kWeb].instance = {};
    world.records.claim_fault = DiegoError(ErrorType::kActualLRPCannotBeClaimed);
    world.Bulk();
  }
  CHECK(world.records.claim_fault.ok());  // it was asked
  CHECK(world.executor.List().empty());
  CHECK(world.Row().state == ActualLrpState::kUnclaimed);
}

TEST_CASE("rep: a claim that fails in any other way is tried again", "[rep][engine]") {
  const absl::Status faults[] = {DiegoError(ErrorType::kResourceNotFound),
                                 DiegoError(ErrorType::kUnknownError),
                                 absl::DeadlineExceededError("too late")};
  for (const absl::Status& fault : faults) {
    INFO(fault.ToString());
    World world;
    world.Desire();
    world.records.claim_fault = fault;
    world.loop.Step();
    CHECK(world.records.claim_fault.ok());
    CHECK(world.Only().state == ContainerState::kReserved);
    world.clock.Advance(absl::Minutes(1));
    world.Settle();
    CHECK(world.Only().state == ContainerState::kInitializing);
    CHECK(world.Row().state == ActualLrpState::kClaimed);
  }
}

TEST_CASE("rep: a start that is refused after the record was read stops the container",
          "[rep][engine]") {
  World world;
  world.Desire();
  world.Settle();
  const std::string guid = world.Only().guid;
  world.records.lrps[kWeb].state = ActualLrpState::kUnclaimed;
  world.records.lrps[kWeb].instance = {};
  SECTION("because another runs") {
    world.records.start_fault = DiegoError(ErrorType::kActualLRPCannotBeStarted);
    world.executor.BecomeRunning(guid);
    world.Settle();
    CHECK(world.executor.stopped == std::vector<std::string>{guid});
    CHECK(world.executor.List().empty());
    CHECK(world.Row().state == ActualLrpState::kUnclaimed);
    CHECK(world.records.starts == 0);
  }
  SECTION("but any other failure leaves it running, and is tried again") {
    world.records.start_fault = DiegoError(ErrorType::kUnknownError);
    world.executor.BecomeRunning(guid);
    world.loop.Step();
    CHECK(world.Only().state == ContainerState::kRunning);
    world.clock.Advance(absl::Minutes(1));
    world.Settle();
    CHECK(world.executor.stopped.empty());
    CHECK(world.Row().state == ActualLrpState::kRunning);
  }
  CHECK(world.records.start_fault.ok());
}

TEST_CASE("rep: a blank database learns of a running container on the bulk pass", "[rep][engine]") {
  World world;
  world.Run();
  world.records.lrps.clear();
  world.Bulk();
  CHECK(world.executor.List().size() == 1);
  CHECK(world.Row().state == ActualLrpState::kRunning);
}

TEST_CASE("rep: a crash is reported with its reason and the container goes", "[rep][engine]") {
  World world;
  world.Run();
  RunResult result;
  result.failed = true;
  result.failure_reason = "APP: Exited with status 1";
  world.executor.End(world.Only().guid, result);
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.Row().crash_count == 1);
  CHECK(world.Row().crash_reason == "APP: Exited with status 1");
}

TEST_CASE("rep: a stop on purpose removes record and container", "[rep][engine]") {
  World world;
  world.Run();
  REQUIRE(world.cell.StopLrp(world.Row().instance.instance_guid).ok());
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.records.lrps.empty());
  CHECK(absl::IsNotFound(world.cell.StopLrp(InstanceGuid("nobody"))));
}

TEST_CASE("rep: a record without a container is removed", "[rep][engine]") {
  World world;
  world.Run();
  world.executor.Vanish(world.Only().guid);
  world.Bulk();
  CHECK(world.records.lrps.empty());
}

TEST_CASE("rep: what cannot be run is given up", "[rep][engine]") {
  World world;
  SECTION("nobody desires it any more") { world.records.desired = false; }
  SECTION("the executor refuses it") {
    world.executor.run_fault = absl::InvalidArgumentError("no such root filesystem");
  }
  world.Desire();
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.records.lrps.empty());
}

TEST_CASE("rep: what a container asks for in vain is said once, when it is run", "[rep][engine]") {
  World world;
  SECTION("of an LRP") {
    world.records.ignored_fields = {"egress_rules", "disk_mb"};
    world.Run();
    world.Bulk();
    CHECK(world.LoggedTimes("ignored-fields") == 1);
    CHECK(world.LoggedTimes(R"("container_guid":")" + world.Only().guid + R"(","fields":)" +
                            R"(["egress_rules","disk_mb"])") == 1);
  }
  SECTION("of a task") {
    world.records.ignored_fields = {"network"};
    world.DesireTask();
    world.Settle();
    world.executor.BecomeRunning("task-1");
    world.Settle();
    CHECK(world.LoggedTimes("ignored-fields") == 1);
    CHECK(world.LoggedTimes(R"("container_guid":"task-1","fields":["network"])") == 1);
  }
  SECTION("but nothing of one that asks for nothing more") {
    world.Run();
    CHECK(world.LoggedTimes("ignored-fields") == 0);
  }
  SECTION("nor of one that is not run") {
    world.records.ignored_fields = {"egress_rules"};
    world.executor.run_fault = absl::InvalidArgumentError("no such root filesystem");
    world.Desire();
    world.Settle();
    CHECK(world.LoggedTimes("ignored-fields") == 0);
  }
}

TEST_CASE(
    "rep: what a container uses is filed under what its run says, and its CPU counted from the "
    "last time it was asked",
    "[rep][engine]") {
  World world;
  world.executor.metrics.cpu_time = absl::Seconds(5);
  world.executor.metrics.age = absl::Seconds(10);
  const auto metric_guid = [&] {
    const std::vector<ContainerUsage> usage = world.cell.Usage();
    REQUIRE(usage.size() == 1);
    return usage[0].metric_guid;
  };
  SECTION("its guid before it is run, then the log guid") {
    world.Desire();
    CHECK(metric_guid() == world.Only().guid);
    world.Settle();
    CHECK(metric_guid() == "log-guid");
  }
  SECTION("the metric tag source_id, also when it is changed") {
    world.records.metric_tags = {{"source_id", "app"}};
    world.Run();
    CHECK(metric_guid() == "app");
    LrpInstanceUpdate update;
    update.key = kWeb;
    update.instance.instance_guid = InstanceGuid(world.Only().guid);
    update.has_metric_tags = true;
    update.metric_tags = {{"source_id", "renamed"}};
    REQUIRE(world.cell.UpdateLrp(update).ok());
    CHECK(metric_guid() == "renamed");
  }
  SECTION("a task's log guid") {
    world.DesireTask();
    world.Settle();
    CHECK(metric_guid() == "task-log-guid");
  }
  SECTION("CPU") {
    world.Run();
    CHECK(world.cell.Usage().at(0).cpu_fraction == 0.5);
    world.executor.metrics.cpu_time = absl::Seconds(20);
    world.executor.metrics.age = absl::Seconds(20);
    CHECK(world.cell.Usage().at(0).cpu_fraction == 1.5);
  }
}

TEST_CASE("rep: while the BBS is away nothing is lost and steps are tried again", "[rep][engine]") {
  World world;
  world.Desire();
  world.records.away = true;
  for (int i = 0; i < 20; ++i) {
    world.loop.Step();
    world.clock.Advance(absl::Milliseconds(50));
  }
  CHECK(world.Only().state == ContainerState::kReserved);
  CHECK(world.loop.BulkStep() == absl::Seconds(1));
  world.records.away = false;
  world.clock.Advance(absl::Seconds(30));
  world.Settle();
  CHECK(world.Only().state == ContainerState::kInitializing);
}

TEST_CASE("rep: a task is started, run and completed with its result", "[rep][engine]") {
  World world;
  world.records.result_file = "/result";
  world.executor.files["/result"] = "42";
  world.DesireTask();
  world.Settle();
  CHECK(world.records.tasks[kTask].state == TaskState::kRunning);
  world.executor.BecomeRunning("task-1");
  world.Settle();
  SECTION("it ends well") {
    world.executor.End("task-1", {});
    world.Settle();
    CHECK_FALSE(world.records.tasks[kTask].failed);
    CHECK(world.records.tasks[kTask].result == "42");
  }
  SECTION("its result cannot be read") {
    world.executor.files.clear();
    world.executor.End("task-1", {});
    world.Settle();
    CHECK(world.records.tasks[kTask].failure_reason == "failed to fetch result");
  }
  SECTION("its result is as long as may be") {
    world.executor.files["/result"] = std::string(51200, 'x');
    world.executor.End("task-1", {});
    world.Settle();
    CHECK_FALSE(world.records.tasks[kTask].failed);
    CHECK(world.records.tasks[kTask].result.size() == 51200);
  }
  SECTION("its result is longer than that") {
    world.executor.files["/result"] = std::string(51201, 'x');
    world.executor.End("task-1", {});
    world.Settle();
    CHECK(world.records.tasks[kTask].failed);
    CHECK(world.records.tasks[kTask].failure_reason == "failed to fetch result");
    CHECK(world.records.tasks[kTask].result.empty());
  }
  SECTION("its good end is no end for the BBS") {
    world.records.complete_fault = DiegoError(ErrorType::kInvalidStateTransition);
    world.executor.End("task-1", {});
    world.Settle();
    CHECK(world.records.tasks[kTask].failed);
    CHECK(world.records.tasks[kTask].failure_reason == "invalid state transition");
    CHECK(world.records.tasks[kTask].result.empty());
  }
  SECTION("it fails") {
    world.executor.End("task-1", {true, false, false, "TASK: Exited with status 3"});
    world.Settle();
    CHECK(world.records.tasks[kTask].failed);
    CHECK(world.records.tasks[kTask].failure_reason == "TASK: Exited with status 3");
  }
  SECTION("it is cancelled") {
    world.records.tasks[kTask].state = TaskState::kCompleted;
    REQUIRE(world.cell.CancelTask(kTask).ok());
    world.Settle();
    CHECK(world.cell.CancelTask(kTask).ok());  // nothing there any more
  }
  SECTION("its container is gone") {
    world.executor.Vanish("task-1");
    world.Bulk();
    CHECK(world.records.tasks[kTask].failure_reason == "task container does not exist");
  }
  SECTION("the BBS is away when it ends: the result is kept until it is told") {
    world.records.away = true;
    world.executor.End("task-1", {});
    world.loop.Step();
    CHECK(world.executor.List().size() == 1);
    world.records.away = false;
    world.clock.Advance(absl::Minutes(1));
    world.Settle();
    CHECK(world.records.tasks[kTask].result == "42");
  }
  CHECK(world.records.tasks[kTask].state == TaskState::kCompleted);
  CHECK(world.executor.List().empty());
}

TEST_CASE("rep: a task that failed before it ran is rejected", "[rep][engine]") {
  World world;
  world.DesireTask();
  world.Settle();
  world.executor.End("task-1", {true, true, false, "failed to create container: no disk"});
  world.Settle();
  CHECK(world.records.tasks[kTask].state == TaskState::kPending);
  CHECK(world.records.tasks[kTask].rejection_reason == "failed to create container: no disk");
  CHECK(world.executor.List().empty());
}

TEST_CASE("rep: a task that cannot be run is completed as failed", "[rep][engine]") {
  World world;
  world.executor.run_fault = absl::InvalidArgumentError("no");
  world.DesireTask();
  world.Settle();
  CHECK(world.records.tasks[kTask].failure_reason == "failed to run container");
  CHECK(world.executor.List().empty());
}

TEST_CASE("rep: a task that another cell has is dropped", "[rep][engine]") {
  World world;
  world.DesireTask();
  world.records.tasks[kTask].state = TaskState::kRunning;
  world.records.tasks[kTask].cell_id = CellId("cell-2");
  world.Settle();
  CHECK(world.executor.List().empty());
  CHECK(world.records.tasks[kTask].state == TaskState::kRunning);
}

TEST_CASE("rep: a start of a task that is refused after the record was read costs the container",
          "[rep][engine]") {
  for (const ErrorType type : {ErrorType::kInvalidStateTransition, ErrorType::kResourceNotFound}) {
    for (const bool starting : {false, true}) {
      INFO(ErrorTypeName(type) << (starting ? ", starting" : ", reserved"));
      World world;
      world.DesireTask();
      if (starting) {
        world.Settle();
        REQUIRE(world.Only().state == ContainerState::kInitializing);
        world.records.tasks[kTask].state = TaskState::kPending;
        world.records.tasks[kTask].cell_id = CellId();
      }
      world.records.start_task_fault = DiegoError(type);
      world.Bulk();
      CHECK(world.records.start_task_fault.ok());  // it was asked
      CHECK(world.executor.List().empty());
      CHECK(world.records.tasks[kTask].state == TaskState::kPending);
    }
  }
}

TEST_CASE("rep: a start of a task that says nothing about it is tried again", "[rep][engine]") {
  World world;
  world.DesireTask();
  world.records.start_task_fault = absl::DeadlineExceededError("too late");
  world.loop.Step();
  CHECK(world.records.start_task_fault.ok());
  CHECK(world.Only().state == ContainerState::kReserved);
  world.clock.Advance(absl::Minutes(1));
  world.Settle();
  CHECK(world.Only().state == ContainerState::kInitializing);
  CHECK(world.records.tasks[kTask].state == TaskState::kRunning);
}

TEST_CASE("rep: work for another cell is refused whole", "[rep][engine]") {
  World world;
  Work work;
  work.cell_id = CellId("cell-2");
  CHECK(absl::IsInvalidArgument(world.cell.Perform(work).status()));
}

TEST_CASE("rep: what the executor will not reserve is handed back", "[rep][engine]") {
  World world;
  world.executor.full = true;
  Work work;
  CellLrp lrp;
  lrp.key = kWeb;
  lrp.placement.root_fs = "preloaded:busybox";
  CellTask task;
  task.task_guid = kTask;
  task.placement.root_fs = "preloaded:busybox";
  work.lrps = {lrp};
  work.tasks = {task};
  const Work rejected = *world.cell.Perform(work);
  CHECK(rejected.lrps == work.lrps);
  CHECK(rejected.tasks == work.tasks);
}

TEST_CASE("rep: a cell that shuts down takes no work and deletes what it has", "[rep][engine]") {
  World world;
  world.Run();
  world.cell.TurnAway();
  CHECK(world.cell.State().evacuating);
  Work work;
  CellLrp lrp;
  lrp.key = {ProcessGuid("api"), 0, Domain("d")};
  lrp.placement.root_fs = "preloaded:busybox";
  work.lrps = {lrp};
  CHECK(world.cell.Perform(work)->lrps.size() == 1);
  CHECK_FALSE(world.cell.DeleteAll());
  CHECK(world.cell.DeleteAll());
}

TEST_CASE("work queue: one look at a time, and another when it was wanted meanwhile",
          "[rep][queue]") {
  FakeClock clock;
  WorkQueue queue({}, clock);
  const WorkItem item{Lifecycle::kTask, "a", {}};
  queue.Add(item);
  queue.Add(item);
  REQUIRE(queue.Take(absl::ZeroDuration()));
  CHECK_FALSE(queue.Take(absl::ZeroDuration()));
  queue.Add(item);
  CHECK_FALSE(queue.Take(absl::ZeroDuration()));
  queue.Done(item, false);
  CHECK(queue.Take(absl::ZeroDuration()));
  queue.Done(item, false);
  CHECK(queue.empty());
}

TEST_CASE("work queue: a failed look is repeated after a pause that grows", "[rep][queue]") {
  FakeClock clock;
  WorkQueue queue({absl::Seconds(1), absl::Seconds(3)}, clock);
  const WorkItem item{Lifecycle::kTask, "a", {}};
  queue.Add(item);
  for (const int seconds : {1, 2, 3, 3}) {
    REQUIRE(queue.Take(absl::ZeroDuration()));
    queue.Done(item, true);
    clock.Advance(absl::Seconds(seconds) - absl::Milliseconds(1));
    CHECK_FALSE(queue.Take(absl::ZeroDuration()));
    clock.Advance(absl::Milliseconds(1));
  }
  REQUIRE(queue.Take(absl::ZeroDuration()));
  queue.Done(item, true);
  queue.Add(item);  // news does not wait for the pause
  CHECK(queue.Take(absl::ZeroDuration()));
}

TEST_CASE("rep: failed liveness checks are counted by kind", "[rep][engine]") {
  World world;
  world.metrics.LivenessCheckFailed(HealthCheck::Kind::kHttp);
  world.metrics.LivenessCheckFailed(HealthCheck::Kind::kHttp);
  world.metrics.LivenessCheckFailed(HealthCheck::Kind::kTcp);
  const std::string text = world.registry.Text();
  CHECK_THAT(text, Catch::Contains("diego_rep_liveness_checks_failed_total{kind=\"http\"} 2"));
  CHECK_THAT(text, Catch::Contains("diego_rep_liveness_checks_failed_total{kind=\"tcp\"} 1"));
}

}  // namespace
}  // namespace diego::rep
