// The configuration that runc reads: of a container, and of a process in it. Pure text making.
// Source: reference/behaviours.md section 10 "garden limits"; the OCI runtime specification 1.0.
#pragma once

#include <string>
#include <vector>

#include "services/rep/containers/runtime.h"

namespace diego::rep {

struct OciContainer {
  const ContainerSpec* spec = nullptr;
  std::string root_dir;
  std::string hostname;
  std::string network_namespace_path;
  std::string cgroup_path;  // "/diego/cell-1/HANDLE"
  bool limits_swap = false;
  std::vector<BindMount> cell_mounts;  // init, /etc/hosts, /etc/resolv.conf; before spec->mounts
};

// Where the container's init is mounted.
inline constexpr char kInitPath[] = "/dev/init";

// config.json
std::string OciConfig(const OciContainer& container);

// process.json of `runc exec`: the container's env, then the process's, later ones winning; PATH,
// HOME and USER where neither has them.
std::string OciProcess(const ProcessSpec& process, const Environment& container_env,
                       const UserIds& user, bool privileged);

}  // namespace diego::rep
