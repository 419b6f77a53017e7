#include "services/rep/containers/cni_network.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "nlohmann/json.hpp"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/nat_rules.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

using nlohmann::json;

constexpr absl::Duration kPluginTimeout = absl::Seconds(30);

absl::Status TakeDown(const char* name) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd.get(), SIOCGIFFLAGS, &request) != 0) return ErrnoStatus(name);
  request.ifr_flags &= ~IFF_UP;
  if (ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) return ErrnoStatus(name);
  return absl::OkStatus();
}

// A child enters a new network namespace and pins it to `path`, as a namespace belongs to a thread
// and ours must stay where they are. Returns the child's step that failed through its exit code.
absl::Status PinNewNamespace(const std::string& path) {
  UniqueFd target(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
  if (!target.valid()) return ErrnoStatus(absl::StrCat("creating ", path));
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus("forking for a network namespace");
  if (pid == 0) {
    if (unshare(CLONE_NEWNET) != 0) _exit(1);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP;
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) _exit(2);
    if (mount("/proc/self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) != 0) _exit(3);
    _exit(0);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("making network namespace ", path, ": step ",
                                          WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                                          " of unshare, loopback up, bind mount failed"));
}

absl::StatusOr<std::string> SavedNat() {
  SpawnSpec spec;
  spec.argv = {"iptables-save", "-t", "nat"};
  DIEGO_ASSIGN_OR_RETURN(CommandResult result, RunCommand(spec, "", kPluginTimeout));
  if (result.exit_code != 0) {
    return absl::InternalError(absl::StrCat("iptables-save: ", result.standard_error));
  }
  return std::move(result.standard_output);
}

absl::Status RestoreNat(const std::string& input) {
  if (input.empty()) return absl::OkStatus();
  SpawnSpec spec;
  spec.argv = {"iptables-restore", "--noflush", "--wait"};
  return RunToSuccess(spec, input, kPluginTimeout);
}

std::string AddressWithoutPrefix(const json& result) {
  const json ips = result.value("ips", json::array());
  if (ips.empty() || !ips[0].is_object()) return "";
  const std::string address = ips[0].value("address", "");
  return address.substr(0, address.find('/'));
}

}  // namespace

CniNetwork::CniNetwork(CniConfig config) : config_(std::move(config)) {}

absl::Status CniNetwork::Check() const {
  if (config_.network_name.empty() || config_.bridge.empty() || config_.subnet.empty()) {
    return absl::InvalidArgumentError("container network: name, bridge and subnet must be set");
  }
  if (config_.bridge.size() >= IFNAMSIZ) {
    return absl::InvalidArgumentError(absl::StrCat(
        "container network: bridge name '", config_.bridge, "' is longer than 15 characters"));
  }
  for (const char* plugin : {"bridge", "portmap", "host-local"}) {
    const std::string path = absl::StrCat(config_.plugin_dir, "/", plugin);
    if (access(path.c_str(), X_OK) != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("CNI plugin ", path, " is missing: install containernetworking-plugins"));
    }
  }
  return SavedNat().status();
}

std::string CniNetwork::NamespacePath(const std::string& handle) const {
  return absl::StrCat(config_.state_dir, "/netns/", handle);
}

absl::StatusOr<UniqueFd> CniNetwork::Lock() const {
  UniqueFd fd(open(config_.lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("opening ", config_.lock_file));
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return ErrnoStatus(absl::StrCat("locking ", config_.lock_file));
  }
  return fd;
}

std::string CniNetwork::BridgeConfig() const {
  return json{{"cniVersion", "0.4.0"},
              {"name", config_.network_name},
              {"type", "bridge"},
              {"bridge", config_.bridge},
              {"isGateway", true},
              {"ipMasq", true},
              {"hairpinMode", true},
              {"ipam",
               {{"type", "host-local"},
                {"dataDir", absl::StrCat(config_.state_dir, "/ipam")},
                {"ranges", json::array({json::array({{{"subnet", config_.subnet}}})})},
                {"routes", json::array({{{"dst", "0.0.0.0/0"}}})}}}}
      .dump();
}

std::string CniNetwork::PortmapConfig(const std::vector<PortMapping>& ports,
                                      const std::string& previous_result) const {
  json mappings = json::array();
  for (const PortMapping& port : ports) {
    mappings.push_back({{"hostPort", port.host_port},
                        {"containerPort", port.container_port},
                        {"protocol", "tcp"}});
  }
  json config = {{"cniVersion", "0.4.0"},
                 {"name", config_.network_name},
                 {"type", "portmap"},
                 {"snat", true},
                 {"capabilities", {{"portMappings", true}}},
                 {"runtimeConfig", {{"portMappings", mappings}}}};
  if (!previous_result.empty()) config["prevResult"] = json::parse(previous_result, nullptr, false);
  return config.dump();
}

absl::StatusOr<std::string> CniNetwork::CallPlugin(const std::string& plugin, const char* command,
                                                   const std::string& handle,
                                                   const std::string& config, int lock_fd) const {
  SpawnSpec spec;
  spec.argv = {absl::StrCat(config_.plugin_dir, "/", plugin)};
  spec.env = {absl::StrCat("CNI_COMMAND=", command), absl::StrCat("CNI_CONTAINERID=", handle),
              absl::StrCat("CNI_NETNS=", NamespacePath(handle)), "CNI_IFNAME=eth0",
              absl::StrCat("CNI_PATH=", config_.plugin_dir)};
  spec.held_fd = lock_fd;
  DIEGO_ASSIGN_OR_RETURN(CommandResult result, RunCommand(spec, config, kPluginTimeout));
  if (result.exit_code == 0) return std::move(result.standard_output);
  const json reply = json::parse(result.standard_output, nullptr, false);
  std::string words = result.standard_error;
  if (reply.is_object() && reply.contains("msg") && reply["msg"].is_string()) {
    words = reply["msg"].get<std::string>();
  }
  return absl::InternalError(absl::StrCat("CNI ", plugin, " ", command, ": ", words));
}

absl::StatusOr<std::string> CniNetwork::Connect(const std::string& handle,
                                                const std::vector<PortMapping>& ports) const {
  DIEGO_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(config_.state_dir, "/netns")));
  DIEGO_RETURN_IF_ERROR(PinNewNamespace(NamespacePath(handle)));
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd lock, Lock());
  DIEGO_ASSIGN_OR_RETURN(const std::string result,
                         CallPlugin("bridge", "ADD", handle, BridgeConfig(), lock.get()));
  if (!ports.empty()) {
    DIEGO_RETURN_IF_ERROR(
        CallPlugin("portmap", "ADD", handle, PortmapConfig(ports, result), lock.get()).status());
  }
  const json parsed = json::parse(result, nullptr, false);
  const std::string address = parsed.is_object() ? AddressWithoutPrefix(parsed) : "";
  if (address.empty()) {
    return absl::InternalError(absl::StrCat("CNI bridge gave no address: ", result));
  }
  return address;
}

absl::Status CniNetwork::Disconnect(const std::string& handle,
                                    const std::vector<PortMapping>& ports) const {
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd lock, Lock());
  if (!ports.empty()) {
    DIEGO_RETURN_IF_ERROR(
        CallPlugin("portmap", "DEL", handle, PortmapConfig(ports, ""), lock.get()).status());
  }
  DIEGO_RETURN_IF_ERROR(CallPlugin("bridge", "DEL", handle, BridgeConfig(), lock.get()).status());
  return RemoveNamespace(handle);
}

absl::Status CniNetwork::RemoveNamespace(const std::string& handle) const {
  const std::string path = NamespacePath(handle);
  DIEGO_RETURN_IF_ERROR(Unmount(path));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(absl::StrCat("removing ", path));
  }
  return absl::OkStatus();
}

absl::Status CniNetwork::Sweep() const {
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd lock, Lock());
  for (const std::string& handle : ListDirectory(absl::StrCat(config_.state_dir, "/netns"))) {
    DIEGO_RETURN_IF_ERROR(RemoveNamespace(handle));
  }
  DIEGO_ASSIGN_OR_RETURN(const std::string saved, SavedNat());
  DIEGO_RETURN_IF_ERROR(RestoreNat(RemovalOfNetwork(saved, config_.network_name)));
  return RemoveTree(absl::StrCat(config_.state_dir, "/ipam"));
}

absl::Status CniNetwork::RemoveBridge() const {
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd lock, Lock());
  DIEGO_ASSIGN_OR_RETURN(const std::string saved, SavedNat());
  DIEGO_RETURN_IF_ERROR(RestoreNat(RemovalOfSharedChains(saved)));
  // It fails only when there is no such bridge.
  if (!TakeDown(config_.bridge.c_str()).ok()) return absl::OkStatus();
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (ioctl(fd.get(), SIOCBRDELBR, config_.bridge.c_str()) != 0 && errno != ENXIO) {
    return ErrnoStatus(absl::StrCat("removing bridge ", config_.bridge));
  }
  return absl::OkStatus();
}

}  // namespace diego::rep
