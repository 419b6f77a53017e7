// An executor on a fake runtime and a clock that the test moves. Includes Catch: for test files
// only.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"
#include "services/rep/containers/environment.h"
#include "services/rep/containers/fake_runtime.h"
#include "services/rep/containers/local_executor.h"

namespace diego::rep {

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
  std::vector<HealthCheck::Kind> failed_checks;

  World() {
    ExecutorConfig config;
    config.cell_id = "cell-1";
    config.external_ip = "1.2.3.4";
    config.trusted_system_certificates_path = "/host/certs";
    config.on_liveness_check_failed = [this](HealthCheck::Kind kind) {
      failed_checks.push_back(kind);
    };
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

inline ActionPtr Run(const std::string& path) {
  RunAction action;
  action.path = path;
  action.user = "vcap";
  action.log_source = "APP";
  action.env = {{"OWN", "1"}};
  return MakeAction(action);
}

inline RunSpec Spec(ActionPtr action) {
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

}  // namespace diego::rep
