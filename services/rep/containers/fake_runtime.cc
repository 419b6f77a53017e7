#include "services/rep/containers/fake_runtime.h"

#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace diego::rep {

class FakeProcess final : public Process {
 public:
  FakeProcess(FakeRuntime& runtime, size_t index) : runtime_(runtime), index_(index) {}
  absl::Status Signal(int signal_number) override { return runtime_.Signal(index_, signal_number); }

 private:
  FakeRuntime& runtime_;
  const size_t index_;
};

std::vector<FakeRuntime::Started> FakeRuntime::Processes() const {
  return state_.With([](const State& state) { return state.processes; });
}

ContainerSpec FakeRuntime::SpecOf(const std::string& handle) const {
  return state_.With([&](const State& state) { return state.containers.at(handle); });
}

size_t FakeRuntime::Newest(const std::string& path) const {
  return state_.With([&](const State& state) {
    for (size_t i = state.processes.size(); i > 0; --i) {
      if (state.processes[i - 1].spec.path == path) return i - 1;
    }
    DIEGO_CHECK(false) << "no process " << path << " was started";
    return size_t{0};
  });
}

void FakeRuntime::Exit(const std::string& path, ProcessExit exit) { End(Newest(path), exit); }

void FakeRuntime::ExitAll() {
  const size_t count = state_.With([](const State& state) { return state.processes.size(); });
  for (size_t index = 0; index < count; ++index) End(index, {128 + SIGKILL, false});
}

void FakeRuntime::End(size_t index, ProcessExit exit) {
  const auto callback = state_.With([&](State& state) -> std::function<void(ProcessExit)> {
    Started& process = state.processes[index];
    if (std::exchange(process.over, true)) return nullptr;
    return process.callbacks.on_exit;
  });
  if (callback) loop_.Post([callback, exit] { callback(exit); });
}

void FakeRuntime::Say(const std::string& path, Stream stream, const std::string& line) {
  const size_t index = Newest(path);
  const auto callback =
      state_.With([&](State& state) { return state.processes[index].callbacks.on_line; });
  loop_.Post([callback, stream, line] {
    if (callback) callback(stream, line);
  });
}

void FakeRuntime::FailCreate(absl::Status status) {
  state_.With([&](State& state) { state.create = std::move(status); });
}
void FakeRuntime::FailDestroy(absl::Status status) {
  state_.With([&](State& state) { state.destroy = std::move(status); });
}
void FakeRuntime::FailRun(absl::Status status) {
  state_.With([&](State& state) { state.run = std::move(status); });
}
void FakeRuntime::DieOf(int signal_number) {
  state_.With([&](State& state) { state.deadly_signal = signal_number; });
}
void FakeRuntime::SetContainerIp(std::string address) {
  state_.With([&](State& state) { state.container_ip = std::move(address); });
}
void FakeRuntime::Lose(const std::string& handle) {
  state_.With([&](State& state) { state.containers.erase(handle); });
}

absl::StatusOr<NetworkInfo> FakeRuntime::Create(const ContainerSpec& spec) {
  return state_.With([&](State& state) -> absl::StatusOr<NetworkInfo> {
    if (!state.create.ok()) return state.create;
    state.containers[spec.handle] = spec;
    NetworkInfo network{state.container_ip, {}};
    for (uint16_t port : spec.ports) {
      network.ports.push_back({port, static_cast<uint16_t>(61001 + network.ports.size())});
    }
    return network;
  });
}

absl::StatusOr<std::shared_ptr<Process>> FakeRuntime::Run(const std::string& handle,
                                                          const ProcessSpec& spec,
                                                          ProcessCallbacks callbacks) {
  return state_.With([&](State& state) -> absl::StatusOr<std::shared_ptr<Process>> {
    if (!state.run.ok()) return state.run;
    if (state.containers.count(handle) == 0) return absl::NotFoundError("no container");
    state.processes.push_back({handle, spec, std::move(callbacks), {}, false});
    return std::make_shared<FakeProcess>(*this, state.processes.size() - 1);
  });
}

absl::Status FakeRuntime::Signal(size_t index, int signal_number) {
  const bool dies = state_.With([&](State& state) {
    state.processes[index].signals.push_back(signal_number);
    return signal_number == state.deadly_signal;
  });
  if (dies) End(index, {128 + signal_number, false});
  return absl::OkStatus();
}

absl::Status FakeRuntime::Destroy(const std::string& handle) {
  return state_.With([&](State& state) {
    if (state.destroy.ok()) state.containers.erase(handle);
    return state.destroy;
  });
}

std::vector<ContainerInfo> FakeRuntime::List() {
  return state_.With([](State& state) {
    std::vector<ContainerInfo> all;
    for (const auto& [handle, spec] : state.containers) all.push_back({handle, spec.labels, {}});
    return all;
  });
}

absl::StatusOr<ContainerMetrics> FakeRuntime::Metrics(const std::string&) {
  return ContainerMetrics{};
}

absl::StatusOr<std::unique_ptr<FileTree>> FakeRuntime::Files(const std::string& handle) {
  return absl::NotFoundError(absl::StrCat("fake container ", handle, " has no files"));
}

absl::StatusOr<UserIds> FakeRuntime::LookUpUser(const std::string&, const std::string& user) {
  UserIds ids;
  ids.name = user;
  return ids;
}

}  // namespace diego::rep
