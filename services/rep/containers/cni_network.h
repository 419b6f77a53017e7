// Networks of containers: a namespace each, wired to the cell's bridge by the CNI plugins `bridge`
// (with host-local addresses) and `portmap`.
//
// Each cell has a network name, bridge and subnet of its own; several cells share a machine.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/rep/containers/runtime.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

struct CniConfig {
  std::string network_name;  // letters, digits, '_', '-', '.'; in every rule's comment
  std::string bridge;        // at most 15 characters
  std::string subnet;        // "10.254.7.0/24"
  std::string plugin_dir = "/usr/lib/cni";
  std::string state_dir;  // leases and namespaces; belongs to this network alone
  std::string lock_file = "/run/diego-cni.lock";  // one for all cells of the machine
};

// Any thread. Commands on one machine run one at a time (the plugins' iptables calls do not bear
// company); they hold a file lock that outlives this process when it dies, so that a cleanup waits
// for a plugin still at work.
class CniNetwork {
 public:
  explicit CniNetwork(CniConfig config);

  // Whether plugins and tools are there, and the configuration is sound.
  absl::Status Check() const;

  // The path of the container's network namespace.
  std::string NamespacePath(const std::string& handle) const;
  // Makes the namespace with its loopback up, and connects it. Returns the container's address.
  // Nothing is cleaned up on failure: call Disconnect.
  absl::StatusOr<std::string> Connect(const std::string& handle,
                                      const std::vector<PortMapping>& ports) const;
  // Undoes Connect, however far it came. Repeatable.
  absl::Status Disconnect(const std::string& handle, const std::vector<PortMapping>& ports) const;

  // Removes every namespace, lease and packet rule of this network that is still there.
  absl::Status Sweep() const;
  // Removes the bridge, and the chains that portmap keeps for all when nobody uses them any more.
  absl::Status RemoveBridge() const;

 private:
  absl::StatusOr<UniqueFd> Lock() const;
  absl::StatusOr<std::string> CallPlugin(const std::string& plugin, const char* command,
                                         const std::string& handle, const std::string& config,
                                         int lock_fd) const;
  std::string BridgeConfig() const;
  std::string PortmapConfig(const std::vector<PortMapping>& ports,
                            const std::string& previous_result) const;
  absl::Status RemoveNamespace(const std::string& handle) const;

  const CniConfig config_;
};

}  // namespace diego::rep
