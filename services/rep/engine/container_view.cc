#include "services/rep/engine/container_view.h"

#include "libs/base/status_util.h"
#include "services/rep/core/container_tags.h"

namespace diego::rep {
namespace {

ContainerPhase PhaseOf(const Container& container) {
  switch (container.state) {
    case ContainerState::kReserved: return ContainerPhase::kReserved;
    case ContainerState::kInitializing:
    case ContainerState::kCreated: return ContainerPhase::kStarting;
    case ContainerState::kRunning: return ContainerPhase::kRunning;
    case ContainerState::kCompleted: break;
  }
  return container.result.stopped ? ContainerPhase::kStopped : ContainerPhase::kCrashed;
}

}  // namespace

absl::StatusOr<CellContainer> ViewOf(const Container& container) {
  CellContainer view;
  DIEGO_ASSIGN_OR_RETURN(view.identity, IdentityOf(container.guid, container.tags));
  view.size = container.size;
  view.phase = PhaseOf(container);
  view.failed = container.result.failed;
  return view;
}

std::vector<CellContainer> ViewOf(const std::vector<Container>& containers) {
  std::vector<CellContainer> views;
  views.reserve(containers.size());
  for (const Container& container : containers) {
    absl::StatusOr<CellContainer> view = ViewOf(container);
    if (view.ok()) views.push_back(*std::move(view));
  }
  return views;
}

std::string DefinitionIdOf(const Container& container) {
  const auto tag = container.tags.find(kDefinitionTag);
  return tag == container.tags.end() ? std::string() : tag->second;
}

NetInfo NetInfoOf(const Container& container, bool prefer_instance_address) {
  NetInfo net_info;
  net_info.address = container.external_ip;
  net_info.instance_address = container.network.container_ip;
  for (const PortMapping& port : container.network.ports) {
    net_info.ports.push_back({port.container_port, port.host_port, 0, 0});
  }
  net_info.preferred_address =
      prefer_instance_address ? PreferredAddress::kInstance : PreferredAddress::kUnknown;
  return net_info;
}

}  // namespace diego::rep
