// SimulatedExecutor: containers of one life of a cell, as the fake of the rep's own tests keeps
// them, moved on by virtual time and chance: they take a while to start, or end before they run,
// LRPs may crash, tasks end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "integration/simulation/world.h"
#include "services/rep/containers/executor.h"
#include "services/rep/engine/fake_executor.h"

namespace diego::simulation {

class SimulatedExecutor final : public rep::Executor {
 public:
  struct Hooks {
    // Runs something later, unless the cell has died by then.
    std::function<void(absl::Duration, std::function<void()>)> after;
    std::function<void(const std::string& what)> note;
    // A running container is deleted.
    std::function<void(const rep::Container& container)> running_deleted;
    // A running container is told to stop.
    std::function<void(const rep::Container& container)> running_stopped;
    // Whether this container ever runs.
    std::function<bool(const rep::Container& container)> comes_up;
    // Whether this container, which runs from now on, ends by itself.
    std::function<bool(const rep::Container& container)> ends;
  };

  SimulatedExecutor(World* world, std::string cell, Hooks hooks)
      : world_(world), cell_(std::move(cell)), hooks_(std::move(hooks)) {}

  absl::Status Reserve(const rep::Reservation& reservation) override;
  absl::Status Run(const std::string& guid, rep::RunSpec spec) override;
  absl::Status Stop(const std::string& guid) override;
  absl::Status Delete(const std::string& guid) override;
  absl::StatusOr<rep::Container> Get(const std::string& guid) const override;
  std::vector<rep::Container> List() const override;
  absl::StatusOr<rep::ContainerMetrics> Metrics(const std::string& guid) const override {
    return containers_.Metrics(guid);
  }
  absl::StatusOr<std::string> ReadFile(const std::string& guid, const std::string& path,
                                       size_t most_bytes) const override {
    return containers_.ReadFile(guid, path, most_bytes);
  }
  void LogToApp(const std::string&, absl::string_view) override {}
  void Subscribe(std::function<void(const rep::ContainerEvent&)> on_event) override {
    containers_.Subscribe(std::move(on_event));
  }

 private:
  void BecomeRunning(const std::string& guid);
  void End(const std::string& guid);
  bool IsIn(const std::string& guid, rep::ContainerState state) const;

  // Each container has an address of its own.
  void Address(rep::Container* container) const;

  World* const world_;
  const std::string cell_;
  const Hooks hooks_;
  rep::FakeExecutor containers_;
  std::map<std::string, uint32_t> ports_;
};

}  // namespace diego::simulation
