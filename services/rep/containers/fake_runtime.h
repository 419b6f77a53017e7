// A Runtime for tests: containers are names, processes end when the test says so. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/sync/guarded.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

class FakeRuntime final : public Runtime {
 public:
  // Callbacks of processes run on `loop`, as those of the real one.
  explicit FakeRuntime(EventLoop& loop) : loop_(loop) {}

  struct Started {
    std::string handle;
    ProcessSpec spec;
    ProcessCallbacks callbacks;
    std::vector<int> signals;
    bool over = false;
  };
  // The processes started so far, oldest first.
  std::vector<Started> Processes() const;
  ContainerSpec SpecOf(const std::string& handle) const;
  // Ends the newest process of that path.
  void Exit(const std::string& path, ProcessExit exit);
  // Ends all that still live, as removing every container does.
  void ExitAll();
  void Say(const std::string& path, Stream stream, const std::string& line);

  // What Create, Destroy, Run answer from now on when not OK.
  void FailCreate(absl::Status status);
  void FailDestroy(absl::Status status);
  void FailRun(absl::Status status);
  // Processes die of this signal by themselves; others are only recorded. 0 = of none.
  void DieOf(int signal_number);
  void Lose(const std::string& handle);  // gone without being destroyed
  // Of containers made from now on.
  void SetContainerIp(std::string address);

  absl::StatusOr<NetworkInfo> Create(const ContainerSpec& spec) override;
  absl::StatusOr<std::shared_ptr<Process>> Run(const std::string& handle, const ProcessSpec& spec,
                                               ProcessCallbacks callbacks) override;
  absl::Status Destroy(const std::string& handle) override;
  std::vector<ContainerInfo> List() override;
  absl::StatusOr<ContainerMetrics> Metrics(const std::string& handle) override;
  absl::StatusOr<std::unique_ptr<FileTree>> Files(const std::string& handle) override;
  absl::StatusOr<UserIds> LookUpUser(const std::string& handle, const std::string& user) override;

 private:
  friend class FakeProcess;
  struct State {
    std::map<std::string, ContainerSpec> containers;
    std::vector<Started> processes;
    absl::Status create;
    absl::Status destroy;
    absl::Status run;
    int deadly_signal = 15;
    std::string container_ip = "10.0.0.2";
  };
  absl::Status Signal(size_t index, int signal_number);
  void End(size_t index, ProcessExit exit);
  size_t Newest(const std::string& path) const;

  EventLoop& loop_;
  Guarded<State> state_;
};

}  // namespace diego::rep
