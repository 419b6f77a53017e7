#include "services/rep/containers/oci_spec.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace diego::rep {
namespace {

using nlohmann::json;

// What Garden leaves to an unprivileged container.
const char* const kCapabilities[] = {
    "CAP_CHOWN",      "CAP_DAC_OVERRIDE", "CAP_FSETID",      "CAP_FOWNER",          "CAP_MKNOD",
    "CAP_NET_RAW",    "CAP_SETGID",       "CAP_SETUID",      "CAP_SETFCAP",         "CAP_SETPCAP",
    "CAP_SYS_CHROOT", "CAP_KILL",         "CAP_AUDIT_WRITE", "CAP_NET_BIND_SERVICE"};
// What a privileged one has besides.
const char* const kPrivilegedCapabilities[] = {
    "CAP_SYS_ADMIN", "CAP_NET_ADMIN",       "CAP_SYS_RESOURCE",    "CAP_SYS_PTRACE",
    "CAP_SYS_NICE",  "CAP_DAC_READ_SEARCH", "CAP_LINUX_IMMUTABLE", "CAP_IPC_LOCK"};

const char* const kMaskedPaths[] = {"/proc/acpi",
                                    "/proc/asound",
                                    "/proc/kcore",
                                    "/proc/keys",
                                    "/proc/latency_stats",
                                    "/proc/timer_list",
                                    "/proc/timer_stats",
                                    "/proc/sched_debug",
                                    "/proc/scsi",
                                    "/sys/firmware",
                                    "/sys/devices/virtual/powercap"};
const char* const kReadonlyPaths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                      "/proc/sysrq-trigger"};

// Calls that reach out of a container or into the kernel's less trodden parts.
const char* const kRefusedCalls[] = {"acct",
                                     "add_key",
                                     "bpf",
                                     "delete_module",
                                     "finit_module",
                                     "fsconfig",
                                     "fsmount",
                                     "fsopen",
                                     "fspick",
                                     "init_module",
                                     "kexec_file_load",
                                     "kexec_load",
                                     "keyctl",
                                     "lookup_dcookie",
                                     "mount",
                                     "mount_setattr",
                                     "move_mount",
                                     "open_by_handle_at",
                                     "open_tree",
                                     "perf_event_open",
                                     "pivot_root",
                                     "process_vm_writev",
                                     "quotactl",
                                     "reboot",
                                     "request_key",
                                     "setns",
                                     "settimeofday",
                                     "swapoff",
                                     "swapon",
                                     "umount2",
                                     "unshare",
                                     "userfaultfd",
                                     "vhangup"};

json Capabilities(bool privileged) {
  json names = json::array();
  for (const char* name : kCapabilities) names.push_back(name);
  if (privileged) {
    for (const char* name : kPrivilegedCapabilities) names.push_back(name);
  }
  return {{"bounding", names}, {"effective", names}, {"permitted", names}};
}

json Mount(const char* destination, const char* type, const char* source,
           std::vector<std::string> options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", options}};
}

json Bind(const BindMount& mount) {
  return {{"destination", mount.container_path},
          {"type", "bind"},
          {"source", mount.host_path},
          {"options", json::array({"rbind", mount.read_only ? "ro" : "rw", "nosuid", "nodev"})}};
}

json Mounts(const OciContainer& container) {
  const bool privileged = container.spec->privileged;
  json mounts = json::array({
      Mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      Mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      Mount("/dev/pts", "devpts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      Mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      Mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      Mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", privileged ? "rw" : "ro"}),
  });
  for (const BindMount& mount : container.cell_mounts) mounts.push_back(Bind(mount));
  for (const BindMount& mount : container.spec->mounts) mounts.push_back(Bind(mount));
  return mounts;
}

json Limits(const OciContainer& container) {
  const ContainerSpec& spec = *container.spec;
  json limits = {{"devices", json::array({{{"allow", false}, {"access", "rwm"}}})}};
  if (spec.memory_mb > 0) {
    const int64_t bytes = spec.memory_mb * 1024 * 1024;
    limits["memory"] = {{"limit", bytes}};
    if (container.limits_swap) limits["memory"]["swap"] = bytes;
  }
  if (spec.cpu_shares > 0) limits["cpu"] = {{"shares", spec.cpu_shares}};
  // The init is one of them, but not the app's.
  if (spec.max_pids > 0) limits["pids"] = {{"limit", spec.max_pids + 1}};
  return limits;
}

json RefusedCalls() {
  json names = json::array();
  for (const char* name : kRefusedCalls) names.push_back(name);
  return {{"defaultAction", "SCMP_ACT_ALLOW"},
          {"syscalls",
           json::array({{{"names", names}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 1}}})}};
}

template <size_t N>
json Array(const char* const (&names)[N]) {
  json array = json::array();
  for (const char* name : names) array.push_back(name);
  return array;
}

json Linux(const OciContainer& container) {
  json linux_part = {
      {"cgroupsPath", container.cgroup_path},
      {"namespaces",
       json::array({{{"type", "pid"}},
                    {{"type", "ipc"}},
                    {{"type", "uts"}},
                    {{"type", "mount"}},
                    {{"type", "network"}, {"path", container.network_namespace_path}}})},
      {"resources", Limits(container)}};
  if (!container.spec->privileged) {
    linux_part["maskedPaths"] = Array(kMaskedPaths);
    linux_part["readonlyPaths"] = Array(kReadonlyPaths);
    linux_part["seccomp"] = RefusedCalls();
  }
  return linux_part;
}

// In the order of first mention, the last value winning.
json Merge(const Environment& container_env, const Environment& process_env, const UserIds& user) {
  std::vector<EnvironmentVariable> merged;
  std::map<std::string, size_t> position;
  const auto add = [&](const EnvironmentVariable& variable, bool replaces) {
    const auto [found, is_new] = position.emplace(variable.name, merged.size());
    if (is_new) {
      merged.push_back(variable);
    } else if (replaces) {
      merged[found->second].value = variable.value;
    }
  };
  for (const EnvironmentVariable& variable : container_env) add(variable, true);
  for (const EnvironmentVariable& variable : process_env) add(variable, true);
  const bool is_root = user.uid == 0;
  add({"PATH", is_root ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                       : "/usr/local/bin:/usr/bin:/bin"},
      false);
  add({"HOME", user.home}, false);
  if (!user.name.empty()) add({"USER", user.name}, false);
  json env = json::array();
  for (const EnvironmentVariable& variable : merged) {
    env.push_back(absl::StrCat(variable.name, "=", variable.value));
  }
  return env;
}

// Environment and arguments may hold any bytes; JSON may not.
std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string OciConfig(const OciContainer& container) {
  return Dump({{"ociVersion", "1.0.2"},
               {"hostname", container.hostname},
               {"root", {{"path", container.root_dir}}},
               {"process",
                {{"cwd", "/"},
                 {"args", json::array({kInitPath})},
                 {"env", json::array()},
                 {"user", {{"uid", 0}, {"gid", 0}}},
                 {"noNewPrivileges", true}}},
               {"mounts", Mounts(container)},
               {"linux", Linux(container)}});
}

std::string OciProcess(const ProcessSpec& process, const Environment& container_env,
                       const UserIds& user, bool privileged) {
  json args = json::array({process.path});
  for (const std::string& arg : process.args) args.push_back(arg);
  json spec = {{"cwd", process.dir.empty() ? user.home : process.dir},
               {"args", args},
               {"env", Merge(container_env, process.env, user)},
               {"user", {{"uid", user.uid}, {"gid", user.gid}, {"additionalGids", user.groups}}},
               {"capabilities", Capabilities(privileged)},
               {"noNewPrivileges", !privileged}};
  if (process.nofile) {
    spec["rlimits"] = json::array(
        {{{"type", "RLIMIT_NOFILE"}, {"soft", *process.nofile}, {"hard", *process.nofile}}});
  }
  return Dump(spec);
}

}  // namespace diego::rep
