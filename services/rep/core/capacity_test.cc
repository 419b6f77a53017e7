#include "services/rep/core/capacity.h"

#include <catch2/catch.hpp>

#include "services/rep/core/container_tags.h"

namespace diego::rep {
namespace {

CellFacts Facts() {
  CellFacts facts;
  facts.cell_id = CellId("cell-1");
  facts.rep_url = "https://cell-1.cell.service.cf.internal:1801";
  facts.rep_address = "http://10.0.0.1:1800";
  facts.rep_grpc_address = "10.0.0.1:1802";
  facts.zone = "z1";
  facts.stacks = {"cflinuxfs4", "busybox"};
  facts.supported_providers = {"docker"};
  facts.total = {1000, 2000, 10};
  return facts;
}

CellLrp Lrp(const std::string& guid, int32_t memory_mb, int32_t disk_mb = 0) {
  CellLrp lrp;
  lrp.key = {ProcessGuid(guid), 0, Domain("d")};
  lrp.placement.root_fs = "preloaded:busybox";
  lrp.size = {memory_mb, disk_mb, 0};
  return lrp;
}

CellTask TaskOf(const std::string& guid, int32_t memory_mb) {
  CellTask task;
  task.task_guid = TaskGuid(guid);
  task.domain = Domain("d");
  task.placement.root_fs = "preloaded:busybox";
  task.size.memory_mb = memory_mb;
  return task;
}

CellContainer Container(Lifecycle lifecycle, const std::string& guid, ContainerPhase phase,
                        int32_t memory_mb, bool failed = false) {
  CellContainer container;
  container.identity.lifecycle = lifecycle;
  container.identity.guid = guid;
  container.phase = phase;
  container.size.memory_mb = memory_mb;
  container.failed = failed;
  return container;
}

std::vector<std::string> Names(const WorkPlan& plan) {
  std::vector<std::string> names;
  for (const PlannedReservation& r : plan.reservations) {
    names.push_back(r.identity.lifecycle == Lifecycle::kLrp ? r.identity.lrp.process_guid.value()
                                                            : r.identity.guid);
  }
  return names;
}

TEST_CASE("capacity: one container of the runtime's is kept back", "[rep][capacity]") {
  CHECK(OfferedContainers(250) == 249);
  CHECK(OfferedContainers(1) == 0);
  CHECK(OfferedContainers(0) == 0);
}

TEST_CASE("capacity: the proxy's memory is added unless there is no limit", "[rep][capacity]") {
  CHECK(LrpContainerMemoryMb(128, 32) == 160);
  CHECK(LrpContainerMemoryMb(0, 32) == 0);
}

TEST_CASE("capacity: every container counts until it is gone", "[rep][capacity]") {
  const Resources left =
      Remaining({1000, 2000, 10}, {Container(Lifecycle::kLrp, "a", ContainerPhase::kReserved, 100),
                                   Container(Lifecycle::kTask, "b", ContainerPhase::kRunning, 200),
                                   Container(Lifecycle::kLrp, "c", ContainerPhase::kCrashed, 300)});
  CHECK(left == Resources{400, 2000, 7});
}

TEST_CASE("capacity: larger LRPs are taken first and the walk goes on past one that does not fit",
          "[rep][capacity]") {
  Work work;
  work.lrps = {Lrp("small", 100), Lrp("huge", 5000), Lrp("large", 800), Lrp("medium", 300)};
  work.tasks = {TaskOf("task-1", 50), TaskOf("task-2", 90), TaskOf("task-3", 50)};
  const WorkPlan plan = PlanWork(Facts(), {}, false, work, 1);
  CHECK(Names(plan) == std::vector<std::string>{"large", "small", "task-1", "task-3"});
  REQUIRE(plan.rejected.lrps.size() == 2);
  CHECK(plan.rejected.lrps[0] == Lrp("huge", 5000));
  CHECK(plan.rejected.lrps[1] == Lrp("medium", 300));
  REQUIRE(plan.rejected.tasks.size() == 1);
  CHECK(plan.rejected.tasks[0] == TaskOf("task-2", 90));
  REQUIRE(plan.refusals.size() == 3);
  CHECK(plan.refusals[0].guid == "huge.0");
  CHECK(plan.refusals[0].reason == "insufficient resources: memory");
}

TEST_CASE("capacity: what each shortage is called", "[rep][capacity]") {
  CellFacts facts = Facts();
  facts.total = {100, 100, 0};
  Work work;
  work.lrps = {Lrp("a", 200, 200)};
  const WorkPlan plan = PlanWork(facts, {}, false, work, 1);
  REQUIRE(plan.refusals.size() == 1);
  CHECK(plan.refusals[0].reason == "insufficient resources: containers, disk, memory");
}

TEST_CASE("capacity: work that a cell cannot do at all is handed back", "[rep][capacity]") {
  Work work;
  work.lrps = {Lrp("a", 1)};
  work.tasks = {TaskOf("t", 1)};
  SECTION("while evacuating") {
    const WorkPlan plan = PlanWork(Facts(), {}, true, work, 1);
    CHECK(plan.reservations.empty());
    CHECK(plan.rejected.lrps.size() == 1);
    CHECK(plan.rejected.tasks.size() == 1);
  }
  SECTION("an unknown stack") {
    work.lrps[0].placement.root_fs = "preloaded:windows";
    const WorkPlan plan = PlanWork(Facts(), {}, false, work, 1);
    CHECK(Names(plan) == std::vector<std::string>{"t"});
    CHECK(plan.refusals[0].reason == "unknown root filesystem 'preloaded:windows'");
  }
  SECTION("an unknown scheme") {
    work.tasks[0].placement.root_fs = "oci:///x";
    CHECK(Names(PlanWork(Facts(), {}, false, work, 1)) == std::vector<std::string>{"a"});
  }
  SECTION("negative resources") {
    work.lrps[0].size.disk_mb = -1;
    CHECK(Names(PlanWork(Facts(), {}, false, work, 1)) == std::vector<std::string>{"t"});
  }
  SECTION("volume drivers") {
    work.lrps[0].placement.volume_drivers = {"nfs"};
    CHECK(Names(PlanWork(Facts(), {}, false, work, 1)) == std::vector<std::string>{"t"});
  }
}

TEST_CASE("capacity: instance guids are 28 characters, drawn from the seed", "[rep][capacity]") {
  Work work;
  work.lrps = {Lrp("a", 1), Lrp("b", 1)};
  const WorkPlan plan = PlanWork(Facts(), {}, false, work, 7);
  REQUIRE(plan.reservations.size() == 2);
  CHECK(plan.reservations[0].identity.guid.size() == 28);
  CHECK(plan.reservations[0].identity.guid != plan.reservations[1].identity.guid);
  CHECK(PlanWork(Facts(), {}, false, work, 7).reservations[0].identity ==
        plan.reservations[0].identity);
  CHECK(PlanWork(Facts(), {}, false, work, 8).reservations[0].identity.guid !=
        plan.reservations[0].identity.guid);
}

TEST_CASE("capacity: a task that is here already is a repeat", "[rep][capacity]") {
  Work work;
  work.tasks = {TaskOf("t", 1), TaskOf("new", 1), TaskOf("new", 1)};
  for (const ContainerPhase phase :
       {ContainerPhase::kReserved, ContainerPhase::kStarting, ContainerPhase::kRunning}) {
    INFO(ContainerPhaseName(phase));
    for (const bool evacuating : {false, true}) {
      const WorkPlan plan =
          PlanWork(Facts(), {Container(Lifecycle::kTask, "t", phase, 1)}, evacuating, work, 1);
      CHECK(Names(plan) ==
            (evacuating ? std::vector<std::string>{} : std::vector<std::string>{"new"}));
      // What is here is not called refused, whatever else is.
      for (const CellTask& task : plan.rejected.tasks) CHECK(task.task_guid.value() == "new");
      CHECK(plan.rejected.tasks.empty() == !evacuating);
    }
  }
}

TEST_CASE("capacity: a task whose last container has ended and is not gone yet is handed back",
          "[rep][capacity]") {
  Work work;
  work.tasks = {TaskOf("t", 1), TaskOf("new", 1)};
  for (const ContainerPhase phase : {ContainerPhase::kStopped, ContainerPhase::kCrashed}) {
    INFO(ContainerPhaseName(phase));
    const WorkPlan plan =
        PlanWork(Facts(), {Container(Lifecycle::kTask, "t", phase, 1)}, false, work, 1);
    CHECK(Names(plan) == std::vector<std::string>{"new"});
    REQUIRE(plan.rejected.tasks.size() == 1);
    CHECK(plan.rejected.tasks[0] == TaskOf("t", 1));
    REQUIRE(plan.refusals.size() == 1);
    CHECK(plan.refusals[0].guid == "t");
    CHECK(plan.refusals[0].reason == "its last container here is not gone yet");
  }
}

TEST_CASE("capacity: the proxy's memory is reserved for LRPs only", "[rep][capacity]") {
  CellFacts facts = Facts();
  facts.proxy_memory_allocation_mb = 32;
  Work work;
  work.lrps = {Lrp("a", 100)};
  work.tasks = {TaskOf("t", 100)};
  const WorkPlan plan = PlanWork(facts, {}, false, work, 1);
  CHECK(plan.reservations[0].size.memory_mb == 132);
  CHECK(plan.reservations[1].size.memory_mb == 100);
}

TEST_CASE("capacity: the state names what runs and what is free", "[rep][capacity]") {
  struct Case {
    ContainerPhase phase;
    bool failed;
    const char* lrp;
    TaskState task;
    int starting;
  };
  const Case cases[] = {
      {ContainerPhase::kReserved, false, "CLAIMED", TaskState::kRunning, 2},
      {ContainerPhase::kStarting, false, "CLAIMED", TaskState::kRunning, 2},
      {ContainerPhase::kRunning, false, "RUNNING", TaskState::kRunning, 0},
      {ContainerPhase::kStopped, false, "SHUTDOWN", TaskState::kCompleted, 0},
      {ContainerPhase::kCrashed, true, "CRASHED", TaskState::kCompleted, 0},
  };
  for (const Case& c : cases) {
    INFO(ContainerPhaseName(c.phase));
    const CellState state = StateOf(Facts(),
                                    {Container(Lifecycle::kLrp, "i", c.phase, 100, c.failed),
                                     Container(Lifecycle::kTask, "t", c.phase, 50, c.failed)},
                                    false);
    REQUIRE(state.lrps.size() == 1);
    REQUIRE(state.tasks.size() == 1);
    CHECK(state.lrps[0].state == c.lrp);
    CHECK(state.tasks[0].state == c.task);
    CHECK(state.tasks[0].failed == c.failed);
    CHECK(state.starting_container_count == c.starting);
    CHECK(state.available == Resources{850, 2000, 8});
    CHECK(state.total == Resources{1000, 2000, 10});
  }
  const CellState empty = StateOf(Facts(), {}, true);
  CHECK(empty.evacuating);
  CHECK(empty.rootfs_providers.at("preloaded") == RootFsSupport{false, {"busybox", "cflinuxfs4"}});
  CHECK(empty.rootfs_providers.at("preloaded+layer").names.size() == 2);
  CHECK(empty.rootfs_providers.at("docker").arbitrary);
}

TEST_CASE("capacity: which root filesystems a cell offers", "[rep][capacity]") {
  CHECK(OffersRootFs(Facts(), "preloaded:busybox"));
  CHECK(OffersRootFs(Facts(), "preloaded+layer:busybox?layer=http%3A%2F%2Fx&layer_path=%2F"));
  CHECK(OffersRootFs(Facts(), "docker:///library/busybox"));
  CHECK_FALSE(OffersRootFs(Facts(), "preloaded:other"));
  CHECK_FALSE(OffersRootFs(Facts(), "busybox"));
  CHECK_FALSE(OffersRootFs(Facts(), ""));
}

TEST_CASE("capacity: tags on a container give its identity back", "[rep][tags]") {
  ContainerIdentity lrp{Lifecycle::kLrp,
                        "i-1",
                        Domain("d"),
                        {ProcessGuid("web"), 3, Domain("d")},
                        {"preloaded:busybox", {"gpu", "a\"b\\c\n"}, {"nfs"}}};
  CHECK(*IdentityOf("i-1", TagsOf(lrp)) == lrp);
  CHECK(TagsOf(lrp).at("placement-tags") == "[\"gpu\",\"a\\\"b\\\\c\\u000a\"]");
  ContainerIdentity task{Lifecycle::kTask, "t-1", Domain("d"), {}, {"preloaded:busybox", {}, {}}};
  CHECK(*IdentityOf("t-1", TagsOf(task)) == task);
  CHECK(TagsOf(task).count("process-guid") == 0);

  for (const char* broken : {"lifecycle", "process-index", "placement-tags", "volume-drivers"}) {
    ContainerTags tags = TagsOf(lrp);
    tags[broken] = "[\"x";
    INFO(broken);
    CHECK(IdentityOf("i-1", tags).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(IdentityOf("i-1", tags).status().message()).find(broken) !=
          std::string::npos);
  }
}

TEST_CASE("capacity: presence says what the cell is", "[rep][presence]") {
  const CellPresence presence = PresenceOf(Facts());
  CHECK(presence.cell_id == CellId("cell-1"));
  CHECK(presence.rep_address == "http://10.0.0.1:1800");
  CHECK(presence.rep_url == "https://cell-1.cell.service.cf.internal:1801");
  CHECK(presence.rep_grpc_address == "10.0.0.1:1802");
  CHECK(presence.capacity == Resources{1000, 2000, 10});
  REQUIRE(presence.rootfs_providers.size() == 3);
  CHECK(presence.rootfs_providers[0] == RootFsProvider{"preloaded", {"cflinuxfs4", "busybox"}});
  CHECK(presence.rootfs_providers[2] == RootFsProvider{"docker", {}});
}

}  // namespace
}  // namespace diego::rep
