// The control groups of containers: what they use, whether the kernel killed for memory, and
// getting rid of what is left. Works on version 1 (also hybrid) and on version 2 hierarchies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace diego::rep {

// Immutable; any thread.
class Cgroups {
 public:
  // `root` is /sys/fs/cgroup but in tests.
  explicit Cgroups(std::string root = "/sys/fs/cgroup");

  bool unified() const { return unified_; }
  // Whether the kernel can limit memory and swap together.
  bool limits_swap() const;

  // All take the group's path below the hierarchy: "/diego/cell-1/HANDLE". What cannot be read
  // counts as 0.
  uint64_t MemoryBytes(const std::string& group) const;
  absl::Duration CpuTime(const std::string& group) const;
  uint64_t OutOfMemoryKills(const std::string& group) const;

  // Kills every process of the group and its subgroups and waits until they are dead, for two
  // seconds at most. Those that became children of this process are reaped: call it only when
  // nobody else waits for them.
  void Kill(const std::string& group) const;
  // Kills every process of the group and its subgroups and removes the directories. OK when there
  // is none. DeadlineExceeded when processes do not die within two seconds.
  absl::Status Remove(const std::string& group) const;

 private:
  std::vector<std::string> Directories(const std::string& group) const;
  std::vector<int> Processes(const std::string& group) const;
  std::string Controller(absl::string_view controller, const std::string& group,
                         absl::string_view file) const;

  const std::string root_;
  const bool unified_;
};

}  // namespace diego::rep
