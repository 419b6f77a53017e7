// How the health of an instance decides about its container.
#include <algorithm>

#include "libs/testing/loopback_listener.h"
#include "services/rep/containers/testing_executor_world.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {
namespace {

// A server on loopback that accepts when told to.
struct Listener {
  // Of connections so far.
  size_t Count() {
    while (UniqueFd(socket.Accept(0)).valid()) ++count;
    return count;
  }

  diego::testing::LoopbackListener socket;
  size_t count = 0;
};

}  // namespace

TEST_CASE("a monitored container runs when its monitor passes", "[rep][executor]") {
  World world;
  RunSpec spec = Spec(Run("/app"));
  spec.monitor = Run("/monitor");
  spec.start_timeout = absl::Seconds(5);
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilStarted("/monitor");
  world.UntilStarted("/app");
  CHECK(world.StateOf("g") == ContainerState::kCreated);
  world.runtime.Exit("/monitor", {1, false});
  world.Settle();
  world.Advance(absl::Seconds(2));
  world.UntilStarted("/monitor", 2);

  SECTION("it passes, and fails half a minute later") {
    world.runtime.Exit("/monitor", {0, false});
    world.UntilState("g", ContainerState::kRunning);
    world.Advance(absl::Seconds(30));
    world.UntilStarted("/monitor", 3);
    world.runtime.Exit("/monitor", {1, false});
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(world.ResultOf("g").failure_reason ==
          "Instance became unhealthy: APP: Exited with status 1");
    CHECK(world.runtime.Processes().at(0).signals.size() +
              world.runtime.Processes().at(1).signals.size() ==
          1);
  }
  SECTION("it never passes") {
    world.Advance(absl::Seconds(3));
    world.runtime.Exit("/monitor", {1, false});
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(world.ResultOf("g").failure_reason ==
          "Instance never healthy after 5s: APP: Exited with status 1");
    CHECK(std::count(world.log.lines.begin(), world.log.lines.end(),
                     "CELL|Failed after 5s: startup health check never passed.") == 1);
  }
  SECTION("the app exits, which ends the monitor too") {
    world.runtime.Exit("/app", {0, false});
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(world.ResultOf("g").failure_reason == "Codependent step exited");
  }
}

TEST_CASE("each check of a running instance has its own interval", "[rep][executor]") {
  World world;
  world.runtime.SetContainerIp("127.0.0.1");
  Listener seldom, often, usual;
  RunSpec spec = Spec(Run("/app"));
  spec.checks.emplace();
  for (const auto& [listener, interval] :
       {std::pair{&seldom, absl::Seconds(60)}, std::pair{&often, absl::Seconds(10)},
        std::pair{&usual, absl::ZeroDuration()}}) {
    HealthCheck check;
    check.port = listener->socket.port();
    check.interval = interval;
    spec.checks->checks.push_back(check);
  }
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kRunning);
  const auto counts = [&] { return std::vector{seldom.Count(), often.Count(), usual.Count()}; };
  CHECK(counts() == std::vector<size_t>{1, 1, 1});
  for (size_t tens = 1; tens <= 6; ++tens) {
    world.Advance(absl::Seconds(10));
    INFO(tens * 10 << " seconds");
    const std::vector<size_t> expected = {1 + tens / 6, 1 + tens, 1 + tens / 3};
    world.Until([&] { return counts() == expected; });
    world.Settle();
    CHECK(counts() == expected);
  }
  CHECK(world.StateOf("g") == ContainerState::kRunning);
  CHECK(world.failed_checks.empty());
}

TEST_CASE("a failed check says why, and is counted once the instance runs", "[rep][executor]") {
  World world;
  world.runtime.SetContainerIp("127.0.0.1");
  Listener listener;
  const std::string why = absl::StrCat("Failed to make TCP connection to port ",
                                       listener.socket.port(), ": connection refused");
  RunSpec spec = Spec(Run("/app"));
  spec.start_timeout = absl::Seconds(5);
  spec.checks.emplace();
  HealthCheck check;
  check.port = listener.socket.port();
  spec.checks->checks = {check};
  std::string source = "HEALTH";
  SECTION("as HEALTH") {}
  SECTION("as it wishes") { spec.checks->log_source = source = "CHECK"; }
  const auto count_of = [&](const std::string& line) {
    return std::count(world.log.lines.begin(), world.log.lines.end(), line);
  };
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kRunning);
  listener.socket.Close();
  world.Advance(absl::Seconds(30));
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g").failure_reason == "Instance became unhealthy: " + why);
  CHECK(count_of(source + "|" + why) == 1);
  CHECK(count_of("CELL|Container became unhealthy") == 1);
  CHECK(world.failed_checks == std::vector{HealthCheck::Kind::kTcp});

  world.Reserve("h");
  REQUIRE(world.executor->Run("h", spec).ok());
  world.Until([&] {
    world.Advance(absl::Seconds(1));
    return world.StateOf("h") == ContainerState::kCompleted;
  });
  CHECK(world.ResultOf("h").failure_reason == "Instance never healthy after 5s: " + why);
  CHECK(count_of(source + "|" + why) == 2);
  CHECK(world.failed_checks.size() == 1);
}

}  // namespace diego::rep
