// The whole way: a reservation becomes a real container that downloads, serves, is checked,
// stopped and removed.
#include "services/rep/containers/container_host.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/runtime_fixture.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Events {
  Guarded<std::vector<ContainerEvent>> all;
  // Waits until the container has told an event of this kind.
  Container Await(const std::string& guid, ContainerEventKind kind) {
    const auto find = [&](const std::vector<ContainerEvent>& events) -> const Container* {
      for (const ContainerEvent& event : events) {
        if (event.kind == kind && event.container.guid == guid) return &event.container;
      }
      return nullptr;
    };
    return all.When([&](const auto& events) { return find(events) != nullptr; }, kPatience,
                    [&](const auto& events, bool held) {
                      INFO("waiting for " << ContainerEventKindName(kind) << " of " << guid);
                      REQUIRE(held);
                      return *find(events);
                    });
  }
};

RunAction Shell(const std::string& script, const std::string& user) {
  RunAction action;
  action.path = "/bin/sh";
  action.args = {"-c", script};
  action.user = user;
  action.log_source = "APP";
  return action;
}

RunSpec SpecOf(ActionPtr action) {
  RunSpec spec;
  spec.root_fs = "preloaded:busybox";
  spec.action = std::move(action);
  spec.cpu_weight = 10;
  spec.log.source = "CELL";
  return spec;
}

}  // namespace

TEST_CASE("a web app with a downloaded asset lives and dies", "[integration]") {
  CellFixture cell;  // for the image and the look at what is left
  RuncConfig runtime = cell.Config();
  cell.Forget();
  ContainerHostConfig config;
  config.runtime = runtime;
  config.executor.cell_id = "cell-1";
  config.executor.external_ip = "127.0.0.1";
  config.executor.unhealthy_monitoring_interval = absl::Milliseconds(100);
  config.executor.graceful_shutdown_interval = absl::Seconds(1);
  ContainerHost host(config, RealClock(), log::Logger::Discard());
  REQUIRE(host.Start().ok());
  Events events;
  host.executor().Subscribe([&](const ContainerEvent& event) {
    events.all.With([&](auto& all) { all.push_back(event); });
  });

  // The asset, served by a first container.
  const std::string asset_dir = cell.dir() + "/assets/content";
  REQUIRE(MakeDirectories(asset_dir).ok());
  REQUIRE(WriteWholeFile(asset_dir + "/index.html", "from the asset\n", 0644).ok());
  SpawnSpec tar;
  tar.argv = {"tar", "-czf", cell.dir() + "/assets/app.tgz", "-C", asset_dir, "."};
  REQUIRE(RunToSuccess(tar, "", absl::Seconds(10)).ok());
  RunSpec server = SpecOf(MakeAction(Shell("exec httpd -f -p 80 -h /assets", "root")));
  server.mounts = {{cell.dir() + "/assets", "/assets", true}};
  server.checks = CheckDefinition{{{HealthCheck::Kind::kTcp, 80}}, ""};
  REQUIRE(host.executor().Reserve({"server", {32, 0, 0}, {}}).ok());
  REQUIRE(host.executor().Run("server", server).ok());
  const std::string server_ip =
      events.Await("server", ContainerEventKind::kRunning).network.container_ip;

  RunSpec app = SpecOf(MakeAction(
      Shell("echo started on $CF_INSTANCE_PORT; exec httpd -f -p 8080 -h /home/vcap/app", "vcap")));
  DownloadAction download;
  download.artifact = "app";
  download.from = absl::StrCat("http://", server_ip, "/app.tgz");
  download.to = "/home/vcap/app";
  download.user = "vcap";
  download.cache_key = "app";
  app.setup = MakeAction(download);
  app.ports = {8080};
  app.start_timeout = absl::Seconds(20);
  app.checks = CheckDefinition{{{HealthCheck::Kind::kHttp, 8080, "/index.html"}}, ""};
  REQUIRE(host.executor().Reserve({"app", {32, 0, 16}, {}}).ok());
  REQUIRE(host.executor().Run("app", app).ok());
  const Container running = events.Await("app", ContainerEventKind::kRunning);
  REQUIRE(running.network.ports.size() == 1);
  CHECK(host.executor().ReadFile("app", "/home/vcap/app/index.html", 100).value_or("") ==
        "from the asset\n");

  REQUIRE(host.executor().Stop("app").ok());
  const Container stopped = events.Await("app", ContainerEventKind::kComplete);
  CHECK(stopped.result.stopped);
  const auto lines = host.logs().Tail("app", 100);
  REQUIRE(lines.ok());
  bool said_its_port = false;
  for (const LogLine& line : *lines) {
    said_its_port |= line.text == absl::StrCat("started on ", running.network.ports[0].host_port);
  }
  CHECK(said_its_port);

  RunSpec task = SpecOf(MakeAction(Shell("echo 42 > /tmp/result", "vcap")));
  REQUIRE(host.executor().Reserve({"task", {32, 0, 0}, {}}).ok());
  REQUIRE(host.executor().Run("task", task).ok());
  CHECK_FALSE(events.Await("task", ContainerEventKind::kComplete).result.failed);
  CHECK(host.executor().ReadFile("task", "/tmp/result", kMaxResultFileBytes).value_or("") ==
        "42\n");

  RunSpec upload = SpecOf(MakeAction(UploadAction{
      "x", "/tmp/nothing", absl::StrCat("http://", server_ip, "/upload"), "APP", "vcap"}));
  REQUIRE(host.executor().Reserve({"upload", {32, 0, 0}, {}}).ok());
  REQUIRE(host.executor().Run("upload", upload).ok());
  CHECK(events.Await("upload", ContainerEventKind::kComplete).result.failure_reason ==
        "Uploading x failed");

  const absl::Status gone = host.Shutdown();
  INFO(gone.ToString());
  CHECK(gone.ok());
  CHECK(cell.Leftovers() == std::vector<std::string>{});
}

}  // namespace diego::rep
