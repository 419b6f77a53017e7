// The life of containers, on a fake runtime and a clock that the test moves.
#include "services/rep/containers/local_executor.h"

#include <signal.h>

#include "services/rep/containers/testing_executor_world.h"

namespace diego::rep {

TEST_CASE("a container goes from reserved to completed and away", "[rep][executor]") {
  World world;
  world.Reserve("g");
  CHECK(absl::IsAlreadyExists(world.executor->Reserve({"g", {}, {}})));
  REQUIRE(world.executor->Run("g", Spec(Run("/app"))).ok());
  CHECK(absl::IsFailedPrecondition(world.executor->Run("g", Spec(Run("/app")))));
  world.UntilState("g", ContainerState::kRunning);

  const ContainerSpec spec = world.runtime.SpecOf("g");
  CHECK(spec.memory_mb == 64);
  CHECK(spec.disk_mb == 32);
  CHECK(spec.max_pids == 10);
  CHECK(spec.cpu_shares == 512);
  CHECK(spec.env.back() == EnvironmentVariable{"CF_SYSTEM_CERT_PATH", "/etc/certs"});
  REQUIRE(spec.mounts.size() == 1);
  CHECK(spec.mounts[0].host_path == "/host/certs");
  const auto process = world.runtime.Processes().at(0);
  CHECK(process.spec.user == "vcap");
  CHECK(process.spec.env ==
        ProcessEnvironment({{"OWN", "1"}}, "1.2.3.4", {"10.0.0.2", {{8080, 61001}}}));

  world.runtime.Say("/app", Stream::kStdout, "hello");
  world.runtime.Exit("/app", {3, true});
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g") ==
        RunResult{true, false, false, "APP: Exited with status 3 (out of memory)"});
  REQUIRE(world.executor->Delete("g").ok());
  world.Until([&] { return !world.Known("g"); });
  CHECK(world.runtime.List().empty());
  CHECK(world.log.closed);
  CHECK(world.log.last_origin.tags ==
        std::map<std::string, std::string>{{"source_id", "log-guid"}, {"instance_id", "2"}});
  CHECK(world.log.lines == Strings{"CELL|Cell cell-1 creating container for instance g",
                                   "CELL|Cell cell-1 successfully created container for instance g",
                                   "APP|hello", "APP|Exit status 3 (out of memory)",
                                   "CELL|Cell cell-1 destroying container for instance g",
                                   "CELL|Cell cell-1 successfully destroyed container for "
                                   "instance g"});
  CHECK(world.events == Strings{"container_reserved reserved", "container_running running",
                                "container_complete completed"});
}

TEST_CASE("a good end is no failure", "[rep][executor]") {
  World world;
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", Spec(Run("/app"))).ok());
  world.UntilState("g", ContainerState::kRunning);
  world.runtime.Exit("/app", {0, false});
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g") == RunResult{});
}

TEST_CASE("a reservation that is not used expires", "[rep][executor]") {
  World world;
  world.Reserve("g");
  world.Advance(absl::Seconds(59));
  CHECK(world.StateOf("g") == ContainerState::kReserved);
  world.Advance(absl::Seconds(1));
  CHECK(world.ResultOf("g") == RunResult{true, false, false, "expired container"});
  REQUIRE(world.executor->Delete("g").ok());
  world.Until([&] { return !world.Known("g"); });
}

TEST_CASE("failures before the work starts can be retried elsewhere", "[rep][executor]") {
  World world;
  RunSpec spec = Spec(Run("/app"));
  std::string reason;
  std::string cause;
  SECTION("the container cannot be made") {
    world.runtime.FailCreate(absl::InternalError("no space"));
    reason = "failed to create container: no space";
    cause = "no space";
  }
  SECTION("the container cannot be made, for a reason that is too long") {
    cause = std::string(10000, 'x');
    world.runtime.FailCreate(absl::InternalError(cause));
    reason = absl::StrCat("failed to create container: ", std::string(4967, 'x'), "(truncated)",
                          std::string(4994, 'x'));
  }
  SECTION("a cached dependency cannot be fetched") {
    spec.cached_dependencies = {{"buildpack", "http://x/y", "/tmp/b", "key", "", "", ""}};
    world.transfers.expand = absl::UnavailableError("nobody there");
    reason = "failed to download cached artifacts";
    cause = "buildpack: nobody there";
  }
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g") == RunResult{true, true, false, reason});
  CHECK(world.ResultOf("g").failure_reason.size() <= 10000);
  CHECK(world.log.lines ==
        Strings{"CELL|Cell cell-1 creating container for instance g",
                "CELL|Cell cell-1 failed to create container for instance g: " + cause});
}

TEST_CASE("a cached dependency is mounted and given back", "[rep][executor]") {
  World world;
  RunSpec spec = Spec(Run("/app"));
  spec.cached_dependencies = {{"buildpack", "http://x/y", "/tmp/b", "key", "", "", ""}};
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kRunning);
  const BindMount mount = world.runtime.SpecOf("g").mounts.back();
  CHECK(mount.host_path == "/cache/dir");
  CHECK(mount.container_path == "/tmp/b");
  CHECK(mount.read_only);
  REQUIRE(world.executor->Delete("g").ok());
  world.Until([&] { return !world.Known("g"); });
  CHECK(world.transfers.released == Strings{"/cache/dir"});
}

TEST_CASE("setup runs first and its failure ends the container", "[rep][executor]") {
  World world;
  RunSpec spec = Spec(Run("/app"));
  DownloadAction download;
  download.artifact = "droplet";
  download.log_source = "APP";
  spec.setup = MakeAction(SerialAction{{MakeAction(download), Run("/setup")}, ""});
  world.Reserve("g");
  SECTION("it succeeds") {
    REQUIRE(world.executor->Run("g", spec).ok());
    world.UntilStarted("/setup");
    CHECK(world.StateOf("g") == ContainerState::kCreated);
    world.runtime.Exit("/setup", {0, false});
    world.UntilState("g", ContainerState::kRunning);
    CHECK(world.log.lines.at(2) == "APP|Downloading droplet...");
    CHECK(world.log.lines.at(3) == "APP|Downloaded droplet (1.5K)");
  }
  SECTION("the download fails") {
    world.transfers.download = absl::NotFoundError("status code 404");
    REQUIRE(world.executor->Run("g", spec).ok());
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(world.ResultOf("g") == RunResult{true, false, false, "Downloading droplet failed"});
  }
}

TEST_CASE("a container's share of the CPU is never the kernel's default", "[rep][executor]") {
  const auto [weight, shares] =
      GENERATE(table<uint32_t, uint64_t>({{0, 2}, {1, 10}, {50, 512}, {100, 1024}}));
  World world;
  RunSpec spec = Spec(Run("/app"));
  spec.cpu_weight = weight;
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kRunning);
  CHECK(world.runtime.SpecOf("g").cpu_shares == shares);
}

TEST_CASE("stopping is TERM, then KILL after the grace interval", "[rep][executor]") {
  World world;
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", Spec(Run("/app"))).ok());
  world.UntilState("g", ContainerState::kRunning);
  const auto signals = [&] { return world.runtime.Processes().at(0).signals; };
  SECTION("it obeys") {
    REQUIRE(world.executor->Stop("g").ok());
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(signals() == std::vector<int>{SIGTERM});
    CHECK(world.ResultOf("g").stopped);
    CHECK(world.log.lines.at(2) == "CELL|Cell cell-1 stopping instance g");
    REQUIRE(world.executor->Stop("g").ok());  // said once
    world.Settle();
    CHECK(world.log.lines.size() == 4);
    CHECK(world.log.lines.back() == "APP|Exit status 143");
  }
  SECTION("it has to be killed") {
    world.runtime.DieOf(SIGKILL);
    REQUIRE(world.executor->Stop("g").ok());
    world.Settle();
    world.Advance(absl::Milliseconds(9999));
    CHECK(signals() == std::vector<int>{SIGTERM});
    world.Advance(absl::Milliseconds(1));
    world.UntilState("g", ContainerState::kCompleted);
    CHECK(signals() == std::vector<int>{SIGTERM, SIGKILL});
    CHECK(world.ResultOf("g") ==
          RunResult{true, false, true, "exceeded graceful shutdown interval"});
    CHECK(world.log.lines.back() ==
          "APP|Exit status 137 (exceeded 10s graceful shutdown interval)");
  }
  SECTION("it does not even die of that") {
    world.runtime.DieOf(0);
    REQUIRE(world.executor->Stop("g").ok());
    world.Settle();
    world.Advance(absl::Seconds(10));
    world.Advance(absl::Seconds(1));
    CHECK(world.ResultOf("g").failure_reason == "process did not exit");
  }
}

TEST_CASE("stopping before anything runs", "[rep][executor]") {
  World world;
  world.Reserve("g");
  REQUIRE(world.executor->Stop("g").ok());
  world.Settle();
  CHECK(world.ResultOf("g") == RunResult{true, false, true, "stopped-before-running"});
  CHECK(absl::IsFailedPrecondition(world.executor->Run("g", Spec(Run("/app")))));
  CHECK(absl::IsNotFound(world.executor->Stop("unknown")));
  CHECK(absl::IsNotFound(world.executor->Delete("unknown")));
  CHECK(absl::IsNotFound(world.executor->Run("unknown", Spec(Run("/app")))));
}

TEST_CASE("what cannot be destroyed is tried again", "[rep][executor]") {
  World world;
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", Spec(Run("/app"))).ok());
  world.UntilState("g", ContainerState::kRunning);
  world.runtime.FailDestroy(absl::InternalError("busy"));
  REQUIRE(world.executor->Delete("g").ok());
  world.Until([&] {
    return world.log.lines.back() == "CELL|Cell cell-1 failed to destroy container for instance g";
  });
  CHECK(world.Known("g"));
  world.runtime.FailDestroy(absl::OkStatus());
  world.Advance(absl::Minutes(1));
  world.Until([&] { return !world.Known("g"); });
}

TEST_CASE("a container that vanished is noticed", "[rep][executor]") {
  World world;
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", Spec(Run("/app"))).ok());
  world.UntilState("g", ContainerState::kRunning);
  world.runtime.Lose("g");
  world.Advance(absl::Minutes(1));
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g").failure_reason == "missing garden container");
}

TEST_CASE("an action tree with holes is refused", "[rep][executor]") {
  World world;
  world.Reserve("g");
  const ActionPtr bad =
      GENERATE(ActionPtr(), MakeAction(SerialAction{{}, ""}), MakeAction(TryAction{nullptr, ""}),
               MakeAction(RunAction{}), MakeAction(ParallelAction{{nullptr}, ""}));
  CHECK(absl::IsInvalidArgument(world.executor->Run("g", Spec(bad))));
  CHECK(world.StateOf("g") == ContainerState::kReserved);
}

}  // namespace diego::rep
