#include "integration/simulation/simulated_executor.h"

#include "absl/strings/str_cat.h"

namespace diego::simulation {

bool SimulatedExecutor::IsIn(const std::string& guid, rep::ContainerState state) const {
  const auto container = containers_.Get(guid);
  return container.ok() && container->state == state;
}

void SimulatedExecutor::Address(rep::Container* container) const {
  container->external_ip = cell_;
  for (auto& port : container->network.ports) {
    port.host_port = static_cast<uint16_t>(ports_.at(container->guid));
  }
}

absl::StatusOr<rep::Container> SimulatedExecutor::Get(const std::string& guid) const {
  auto container = containers_.Get(guid);
  if (container.ok()) Address(&*container);
  return container;
}

std::vector<rep::Container> SimulatedExecutor::List() const {
  std::vector<rep::Container> all = containers_.List();
  for (rep::Container& container : all) Address(&container);
  return all;
}

absl::Status SimulatedExecutor::Reserve(const rep::Reservation& reservation) {
  hooks_.note(absl::StrCat("reserves ", reservation.guid));
  const std::string guid = reservation.guid;
  const uint32_t port = 61000 + static_cast<uint32_t>(ports_.size() % 4000);
  ports_.emplace(guid, port);
  // What nobody runs is given up.
  hooks_.after(absl::Minutes(1), [this, guid] {
    if (IsIn(guid, rep::ContainerState::kReserved)) End(guid);
  });
  return containers_.Reserve(reservation);
}

absl::Status SimulatedExecutor::Run(const std::string& guid, rep::RunSpec spec) {
  const absl::Status status = containers_.Run(guid, std::move(spec));
  if (status.ok()) {
    hooks_.after(world_->Between(absl::Milliseconds(50), absl::Seconds(3)),
                 [this, guid] { BecomeRunning(guid); });
  }
  return status;
}

void SimulatedExecutor::BecomeRunning(const std::string& guid) {
  if (!IsIn(guid, rep::ContainerState::kInitializing)) return;
  if (!hooks_.comes_up(*containers_.Get(guid))) return End(guid);
  hooks_.note(absl::StrCat(guid, " runs"));
  containers_.BecomeRunning(guid);
  if (!hooks_.ends(*containers_.Get(guid))) return;
  hooks_.after(world_->Between(absl::Milliseconds(50), absl::Seconds(10)), [this, guid] {
    if (IsIn(guid, rep::ContainerState::kRunning)) End(guid);
  });
}

void SimulatedExecutor::End(const std::string& guid) {
  rep::RunResult result;
  result.failed = world_->Chance(0.5);
  if (result.failed) result.failure_reason = "exit 1";
  hooks_.note(absl::StrCat(guid, " ends"));
  containers_.End(guid, result);
}

absl::Status SimulatedExecutor::Stop(const std::string& guid) {
  hooks_.note(absl::StrCat("stops ", guid));
  const auto container = containers_.Get(guid);
  if (container.ok() && container->state == rep::ContainerState::kRunning) {
    hooks_.running_stopped(*container);
  }
  return containers_.Stop(guid);
}

absl::Status SimulatedExecutor::Delete(const std::string& guid) {
  const auto container = containers_.Get(guid);
  const absl::Status status = containers_.Delete(guid);
  if (!container.ok()) return status;
  hooks_.note(absl::StrCat("deletes ", guid, " (", rep::ContainerStateName(container->state), ")"));
  if (container->state == rep::ContainerState::kRunning) hooks_.running_deleted(*container);
  return status;
}

}  // namespace diego::simulation
