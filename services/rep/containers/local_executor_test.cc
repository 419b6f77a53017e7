// The life of containers, on a fake runtime and a clock that the test moves.
#include "services/rep/containers/local_executor.h"

#include <signal.h>

#include <catch2/catch.hpp>
#include <deque>

#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"
#include "services/rep/containers/environment.h"
#include "services/rep/containers/fake_runtime.h"

namespace diego::rep {
namespace {

using Strings = std::vector<std::string>;

class FakeTransfers final : public Transfers {
 public:
  void Download(const DownloadRequest&, const std::string&, const std::string&, const std::string&,
                std::shared_ptr<Cancellation>, Finished finished) override {
    finished(download);
  }
  void Upload(const std::string&, const std::string&, const std::string&, const std::string&,
              std::shared_ptr<Cancellation>, Finished finished) override {
    finished(uint64_t{10});
  }
  absl::StatusOr<std::string> Expand(const DownloadRequest&) override { return expand; }
  void Release(const std::string& directory) override { released.push_back(directory); }

  absl::StatusOr<uint64_t> download = uint64_t{1536};
  absl::StatusOr<std::string> expand = std::string("/cache/dir");
  Strings released;
};

class MemoryLog final : public LogSink {
 public:
  void Write(const LogOrigin& origin, const LogLine& line) override {
    last_origin = origin;
    lines.push_back(absl::StrCat(line.source, "|", line.text));
  }
  void Close(const std::string&) override { closed = true; }

  LogOrigin last_origin;
  Strings lines;
  bool closed = false;
};

// Everything but the pools runs in the test's own thread.
struct World {
  FakeClock clock;
  EventLoop loop{clock};
  FakeRuntime runtime{loop};
  FakeTransfers transfers;
  MemoryLog log;
  std::unique_ptr<LocalExecutor> executor;
  Strings events;

  World() {
    ExecutorConfig config;
    config.cell_id = "cell-1";
    config.external_ip = "1.2.3.4";
    config.trusted_system_certificates_path = "/host/certs";
    executor = std::make_unique<LocalExecutor>(config, loop, runtime, transfers, log,
                                               log::Logger::Discard());
    executor->Subscribe([this](const ContainerEvent& event) {
      events.push_back(absl::StrCat(ContainerEventKindName(event.kind), " ",
                                    ContainerStateName(event.container.state)));
    });
  }

  // As ContainerHost ends: the executor, then all containers; the loop still hears of their ends.
  ~World() {
    executor.reset();
    runtime.ExitAll();
    Settle();
  }

  // Turns the loop until it holds; fails the test if it never does.
  void Until(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000 && !holds(); ++i) loop.Step(absl::Milliseconds(5));
    REQUIRE(holds());
  }
  void Settle() {
    for (int i = 0; i < 5; ++i) loop.Step(absl::ZeroDuration());
  }
  void Advance(absl::Duration by) {
    clock.Advance(by);
    Settle();
  }
  ContainerState StateOf(const std::string& guid) { return executor->Get(guid)->state; }
  RunResult ResultOf(const std::string& guid) { return executor->Get(guid)->result; }
  void UntilState(const std::string& guid, ContainerState state) {
    Until([&] { return StateOf(guid) == state; });
  }
  void UntilStarted(const std::string& path, size_t times = 1) {
    Until([&] {
      size_t count = 0;
      for (const auto& process : runtime.Processes()) count += process.spec.path == path;
      return count == times;
    });
    Settle();
  }
  void Reserve(const std::string& guid) {
    REQUIRE(executor->Reserve({guid, {64, 32, 10}, {{"kind", "lrp"}}}).ok());
    Settle();
  }
  bool Known(const std::string& guid) { return executor->Get(guid).ok(); }
};

ActionPtr Run(const std::string& path) {
  RunAction action;
  action.path = path;
  action.user = "vcap";
  action.log_source = "APP";
  action.env = {{"OWN", "1"}};
  return MakeAction(action);
}

RunSpec Spec(ActionPtr action) {
  RunSpec spec;
  spec.root_fs = "preloaded:busybox";
  spec.action = std::move(action);
  spec.ports = {8080};
  spec.cpu_weight = 50;
  spec.trusted_system_certificates_path = "/etc/certs";
  spec.log.guid = "log-guid";
  spec.log.index = 2;
  spec.log.source = "CELL";
  spec.env = LrpEnvironment("g", 2, {});
  return spec;
}

}  // namespace

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
  SECTION("the container cannot be made") {
    world.runtime.FailCreate(absl::InternalError("no space"));
    reason = "failed to create container: no space";
  }
  SECTION("a cached dependency cannot be fetched") {
    spec.cached_dependencies = {{"buildpack", "http://x/y", "/tmp/b", "key", "", "", ""}};
    world.transfers.expand = absl::UnavailableError("nobody there");
    reason = "failed to download cached artifacts";
  }
  world.Reserve("g");
  REQUIRE(world.executor->Run("g", spec).ok());
  world.UntilState("g", ContainerState::kCompleted);
  CHECK(world.ResultOf("g") == RunResult{true, true, false, reason});
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
