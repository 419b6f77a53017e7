#include "services/rep/engine/container_cleanup.h"

#include "services/rep/engine/testing_cell_world.h"

namespace diego::rep {
namespace {

// A cell that leaves while an instance runs and a task does.
struct Leaving : World {
  Leaving() {
    Run();
    lrp_guid = Only().guid;
    DesireTask();
    Settle();
    executor.BecomeRunning(kTask.value());
    Settle();
  }
  ContainerCleanup Begin() {
    log::Options options;
    options.component = "rep";
    options.sink = [this](absl::string_view line) { lines.emplace_back(line); };
    return {{absl::Seconds(15), absl::Seconds(3)}, executor, loop, clock, log::Logger(options)};
  }

  std::string lrp_guid;
  std::vector<std::string> lines;
};

TEST_CASE("cleanup: over as soon as all has stopped and is told", "[rep][engine]") {
  Leaving world;
  ContainerCleanup cleanup = world.Begin();
  CHECK_FALSE(cleanup.Step());
  world.Settle();
  CHECK(cleanup.Step());
  CHECK(world.executor.List().empty());
  CHECK(world.records.lrps.count(kWeb) == 0);
  REQUIRE(world.lines.size() == 1);
  CHECK_THAT(world.lines[0], Catch::Contains(R"("rep.evacuation-cleanup.finished-evacuating")"));
}

TEST_CASE("cleanup: what does not stop in time is named", "[rep][engine]") {
  Leaving world;
  world.executor.deaf = {world.lrp_guid};
  ContainerCleanup cleanup = world.Begin();
  world.Settle();
  REQUIRE(world.Only().guid == world.lrp_guid);
  world.clock.Advance(absl::Seconds(14));
  CHECK_FALSE(cleanup.Step());
  CHECK(world.lines.empty());
  world.clock.Advance(absl::Seconds(1));
  CHECK(cleanup.Step());
  REQUIRE(world.lines.size() == 1);
  CHECK_THAT(world.lines[0],
             Catch::Contains(R"("rep.evacuation-cleanup.failed-to-cleanup-all-containers")") &&
                 Catch::Contains(R"("log_level":2)") &&
                 Catch::Contains("1 containers were left, 1 of them running") &&
                 Catch::Contains(R"("container_guids":[")" + world.lrp_guid + R"("])"));
}

TEST_CASE("cleanup: what stopped, but cannot be told to a BBS that is away, is named sooner",
          "[rep][engine]") {
  Leaving world;
  world.records.away = true;
  ContainerCleanup cleanup = world.Begin();
  world.Settle();
  CHECK_FALSE(cleanup.Step());
  world.clock.Advance(absl::Seconds(3));
  CHECK(cleanup.Step());
  REQUIRE(world.lines.size() == 1);
  CHECK_THAT(world.lines[0], Catch::Contains("2 containers were left, 0 of them running") &&
                                 Catch::Contains(world.lrp_guid) && Catch::Contains(kTask.value()));
}

}  // namespace
}  // namespace diego::rep
