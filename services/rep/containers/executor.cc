#include "services/rep/containers/executor.h"

namespace diego::rep {

absl::string_view ContainerStateName(ContainerState state) {
  switch (state) {
    case ContainerState::kReserved: return "reserved";
    case ContainerState::kInitializing: return "initializing";
    case ContainerState::kCreated: return "created";
    case ContainerState::kRunning: return "running";
    case ContainerState::kCompleted: return "completed";
  }
  return "";
}

absl::string_view ContainerEventKindName(ContainerEventKind kind) {
  switch (kind) {
    case ContainerEventKind::kReserved: return "container_reserved";
    case ContainerEventKind::kRunning: return "container_running";
    case ContainerEventKind::kComplete: return "container_complete";
  }
  return "";
}

}  // namespace diego::rep
