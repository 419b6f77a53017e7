// An executor for tests: containers are entries in a map, which move when a test says so. What it
// is told to run runs at once as far as the test lets it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/rep/containers/executor.h"

namespace diego::rep {

// Used by one thread.
class FakeExecutor final : public Executor {
 public:
  absl::Status Reserve(const Reservation& reservation) override {
    if (full) return absl::ResourceExhaustedError("no room");
    if (containers_.count(reservation.guid) > 0) return absl::AlreadyExistsError("taken");
    Container container;
    container.guid = reservation.guid;
    container.tags = reservation.tags;
    container.size = reservation.size;
    container.external_ip = "10.0.0.1";
    containers_[container.guid] = container;
    Tell(ContainerEventKind::kReserved, container);
    return absl::OkStatus();
  }
  absl::Status Run(const std::string& guid, RunSpec) override {
    if (!run_fault.ok()) return run_fault;
    return With(guid, [&](Container& container) -> absl::Status {
      if (container.state != ContainerState::kReserved) {
        return absl::FailedPreconditionError("not reserved");
      }
      container.state = ContainerState::kInitializing;
      return absl::OkStatus();
    });
  }
  absl::Status Stop(const std::string& guid) override {
    stopped.push_back(guid);
    return With(guid, [&](Container& container) {
      if (deaf.count(guid) > 0) return absl::OkStatus();
      RunResult result;
      result.stopped = true;
      Complete(container, result);
      return absl::OkStatus();
    });
  }
  absl::Status Delete(const std::string& guid) override {
    return containers_.erase(guid) > 0 ? absl::OkStatus() : absl::NotFoundError("no container");
  }
  absl::StatusOr<Container> Get(const std::string& guid) const override {
    const auto found = containers_.find(guid);
    if (found == containers_.end()) return absl::NotFoundError("no container");
    return found->second;
  }
  std::vector<Container> List() const override {
    std::vector<Container> all;
    for (const auto& [guid, container] : containers_) all.push_back(container);
    return all;
  }
  absl::StatusOr<ContainerMetrics> Metrics(const std::string& guid) const override {
    if (containers_.count(guid) == 0) return absl::NotFoundError("no container");
    return metrics;
  }
  absl::StatusOr<std::string> ReadFile(const std::string&, const std::string& path,
                                       size_t most_bytes) const override {
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError("no file");
    if (found->second.size() > most_bytes) return absl::ResourceExhaustedError("too long");
    return found->second;
  }
  void LogToApp(const std::string& guid, absl::string_view text) override {
    app_log.push_back(guid + "|" + std::string(text));
  }
  void Subscribe(std::function<void(const ContainerEvent&)> on_event) override {
    on_event_ = std::move(on_event);
  }

  // What the world does.
  void BecomeRunning(const std::string& guid) {
    Container& container = containers_.at(guid);
    container.state = ContainerState::kRunning;
    container.network = {"10.255.0.2", {{8080, 61001}}};
    Tell(ContainerEventKind::kRunning, container);
  }
  void End(const std::string& guid, const RunResult& result) {
    Complete(containers_.at(guid), result);
  }
  void Vanish(const std::string& guid) { containers_.erase(guid); }

  ContainerMetrics metrics;  // of every container
  bool full = false;
  absl::Status run_fault;
  std::set<std::string> deaf;  // guids of those that run on when they are told to stop
  std::map<std::string, std::string> files;
  std::vector<std::string> app_log;
  std::vector<std::string> stopped;  // guids, by Stop

 private:
  template <typename Use>
  absl::Status With(const std::string& guid, Use use) {
    const auto found = containers_.find(guid);
    if (found == containers_.end()) return absl::NotFoundError("no container");
    return use(found->second);
  }
  void Complete(Container& container, const RunResult& result) {
    if (container.state == ContainerState::kCompleted) return;
    container.state = ContainerState::kCompleted;
    container.result = result;
    Tell(ContainerEventKind::kComplete, container);
  }
  void Tell(ContainerEventKind kind, const Container& container) {
    if (on_event_) on_event_({kind, container});
  }

  std::map<std::string, Container> containers_;
  std::function<void(const ContainerEvent&)> on_event_;
};

}  // namespace diego::rep
