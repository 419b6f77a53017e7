// Runtime: the port to whatever makes containers. The real one is runc_runtime.h (runc, CNI,
// overlayfs); tests use hand-written fakes.
//
// A container is made whole by Create (own root filesystem, network, limits) and holds nothing but
// an init that reaps orphans. Work is started in it process by process.
// Source: reference/behaviours.md section 10 (limits, ports, run user).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/rep/containers/action.h"

namespace diego::rep {

struct PortMapping {
  uint16_t container_port = 0;
  uint16_t host_port = 0;

  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

struct BindMount {
  std::string host_path;       // absolute; a file or a directory
  std::string container_path;  // absolute
  bool read_only = true;
};

struct ContainerSpec {
  std::string handle;           // the container guid: letters, digits, '_', '-', '.'
  std::string root_fs;          // URL; "preloaded:NAME"
  Environment env;              // of every process, before the process's own
  int64_t memory_mb = 0;        // 0 = unlimited
  int64_t disk_mb = 0;          // 0 = unlimited
  uint64_t cpu_shares = 0;      // 0 = the kernel's default
  int64_t max_pids = 0;         // 0 = unlimited
  std::vector<uint16_t> ports;  // container ports; each gets a host port of its own
  std::vector<BindMount> mounts;
  std::map<std::string, std::string> labels;  // given back by List
  bool privileged = false;
};

struct NetworkInfo {
  std::string container_ip;
  std::vector<PortMapping> ports;  // in the order of ContainerSpec::ports

  friend bool operator==(const NetworkInfo&, const NetworkInfo&) = default;
};

struct ContainerInfo {
  std::string handle;
  std::map<std::string, std::string> labels;
  NetworkInfo network;
};

struct ContainerMetrics {
  uint64_t memory_bytes = 0;        // without reclaimable file cache
  uint64_t memory_limit_bytes = 0;  // 0 = unlimited
  uint64_t disk_bytes = 0;          // written by the container on top of its image
  absl::Duration cpu_time;          // of all its processes since it was made
  absl::Duration age;
};

struct ProcessSpec {
  std::string path;
  std::vector<std::string> args;  // without the path itself
  std::string dir;                // created when absent; empty = the user's home directory
  Environment env;
  std::string user;
  std::optional<uint64_t> nofile;
};

enum class Stream { kStdout, kStderr };

struct ProcessExit {
  int status = 0;              // exit code, or 128 + signal number
  bool out_of_memory = false;  // the kernel killed something of the container for want of memory

  friend bool operator==(const ProcessExit&, const ProcessExit&) = default;
};

struct ProcessCallbacks {
  // One line without its end, at most kMaxLogLineBytes; empty lines are not told.
  std::function<void(Stream, absl::string_view)> on_line;
  // Exactly once after Run succeeded, after the last on_line.
  std::function<void(ProcessExit)> on_exit;
};

// A running process of a container. Any thread.
class Process {
 public:
  virtual ~Process() = default;  // leaves the process alone
  // To the process, not to its children. NotFound when it is over. SIGKILL also kills what it
  // has left in its process group.
  virtual absl::Status Signal(int signal_number) = 0;
};

// The files of a container, for downloads and uploads. All paths are resolved as if the
// container's root were "/": neither ".." nor a symbolic link leads out.
// Used by one thread at a time.
class FileTree {
 public:
  virtual ~FileTree() = default;
  // An open directory of the container's merged root; owned by this object.
  virtual int root_fd() const = 0;
};

struct UserIds {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;
  std::string name;  // empty for a bare number that the image does not know
  std::string home = "/";
};

// Any thread. All methods but Signal block (tens to hundreds of milliseconds); callbacks run on
// the runtime's event loop thread and must not block.
class Runtime {
 public:
  virtual ~Runtime() = default;

  // AlreadyExists when the handle is taken, ResourceExhausted when no host port is free,
  // InvalidArgument for a root_fs this cell does not have. On failure nothing is left.
  virtual absl::StatusOr<NetworkInfo> Create(const ContainerSpec& spec) = 0;
  // Starts a process. NotFound for no such container; InvalidArgument when the user is unknown or
  // the program cannot be started.
  virtual absl::StatusOr<std::shared_ptr<Process>> Run(const std::string& handle,
                                                       const ProcessSpec& spec,
                                                       ProcessCallbacks callbacks) = 0;
  // Kills all its processes and removes whatever belongs to it. OK when there is no such
  // container; can be repeated after a failure.
  virtual absl::Status Destroy(const std::string& handle) = 0;
  // Those that live.
  virtual std::vector<ContainerInfo> List() = 0;
  virtual absl::StatusOr<ContainerMetrics> Metrics(const std::string& handle) = 0;
  // The files of a container; the object must not outlive it.
  virtual absl::StatusOr<std::unique_ptr<FileTree>> Files(const std::string& handle) = 0;
  // Who `user` is in the container's /etc/passwd and /etc/group.
  virtual absl::StatusOr<UserIds> LookUpUser(const std::string& handle,
                                             const std::string& user) = 0;
};

// Source: reference/behaviours.md section 10 "log pipeline".
inline constexpr size_t kMaxLogLineBytes = 61440;

}  // namespace diego::rep
