#include "services/rep/containers/cgroup.h"

#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/spawn.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {
namespace {

bool IsUnified(const std::string& root) {
  struct statfs info {};
  return statfs(root.c_str(), &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

uint64_t ReadNumber(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path);
  uint64_t value = 0;
  if (text.ok()) (void)absl::SimpleAtoi(*text, &value);
  return value;
}

// The number after `key` in a file of "key number" lines.
uint64_t ReadKey(const std::string& path, absl::string_view key) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path);
  if (!text.ok()) return 0;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    uint64_t value = 0;
    if (parts.first == key && absl::SimpleAtoi(parts.second, &value)) return value;
  }
  return 0;
}

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// The group's directory and those below it, deepest first.
void CollectDirectories(const std::string& path, std::vector<std::string>* out) {
  if (!IsDirectory(path)) return;
  for (const std::string& name : ListDirectory(path)) {
    CollectDirectories(absl::StrCat(path, "/", name), out);
  }
  out->push_back(path);
}

}  // namespace

Cgroups::Cgroups(std::string root) : root_(std::move(root)), unified_(IsUnified(root_)) {}

bool Cgroups::limits_swap() const {
  return unified_ ||
         access(absl::StrCat(root_, "/memory/memory.memsw.limit_in_bytes").c_str(), F_OK) == 0;
}

std::vector<std::string> Cgroups::Directories(const std::string& group) const {
  if (unified_) return {absl::StrCat(root_, group)};
  std::vector<std::string> all;
  for (const std::string& controller : ListDirectory(root_)) {
    const std::string base = absl::StrCat(root_, "/", controller);
    if (IsDirectory(base)) all.push_back(absl::StrCat(base, group));
  }
  return all;
}

std::string Cgroups::Controller(absl::string_view controller, const std::string& group,
                                absl::string_view file) const {
  if (unified_) return absl::StrCat(root_, group, "/", file);
  return absl::StrCat(root_, "/", controller, group, "/", file);
}

uint64_t Cgroups::MemoryBytes(const std::string& group) const {
  const uint64_t used = ReadNumber(
      Controller("memory", group, unified_ ? "memory.current" : "memory.usage_in_bytes"));
  const uint64_t reclaimable = ReadKey(Controller("memory", group, "memory.stat"),
                                       unified_ ? "inactive_file" : "total_inactive_file");
  return used - std::min(used, reclaimable);
}

absl::Duration Cgroups::CpuTime(const std::string& group) const {
  if (unified_) {
    return absl::Microseconds(ReadKey(Controller("cpu", group, "cpu.stat"), "usage_usec"));
  }
  return absl::Nanoseconds(ReadNumber(Controller("cpuacct", group, "cpuacct.usage")));
}

uint64_t Cgroups::OutOfMemoryKills(const std::string& group) const {
  return ReadKey(Controller("memory", group, unified_ ? "memory.events" : "memory.oom_control"),
                 "oom_kill");
}

std::vector<int> Cgroups::Processes(const std::string& group) const {
  std::set<int> found;
  for (const std::string& base : Directories(group)) {
    std::vector<std::string> directories;
    CollectDirectories(base, &directories);
    for (const std::string& directory : directories) {
      const absl::StatusOr<std::string> pids = ReadWholeFile(directory + "/cgroup.procs");
      for (absl::string_view line : absl::StrSplit(pids.value_or(""), '\n', absl::SkipEmpty())) {
        int pid = 0;
        if (absl::SimpleAtoi(line, &pid) && pid > 1) found.insert(pid);
      }
    }
  }
  return {found.begin(), found.end()};
}

void Cgroups::Kill(const std::string& group) const {
  constexpr int kRounds = 40;
  constexpr int kRoundMilliseconds = 50;
  // In rounds, as a process may fork while the list is read.
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<int> pids = Processes(group);
    if (pids.empty()) return;
    for (int pid : pids) {
      const absl::StatusOr<UniqueFd> pidfd = OpenPidfd(pid);
      kill(pid, SIGKILL);
      if (!pidfd.ok()) continue;
      pollfd dead = {pidfd->get(), POLLIN, 0};
      poll(&dead, 1, kRoundMilliseconds);
      siginfo_t info{};
      (void)waitid(static_cast<idtype_t>(P_PIDFD), pidfd->get(), &info, WEXITED | WNOHANG);
    }
  }
}

absl::Status Cgroups::Remove(const std::string& group) const {
  absl::Status last;
  for (int round = 0; round < 40; ++round) {
    last = absl::OkStatus();
    for (int pid : Processes(group)) kill(pid, SIGKILL);
    for (const std::string& base : Directories(group)) {
      std::vector<std::string> directories;
      CollectDirectories(base, &directories);
      for (const std::string& directory : directories) {
        if (rmdir(directory.c_str()) != 0 && errno != ENOENT) {
          last = ErrnoStatus(absl::StrCat("removing control group ", directory));
        }
      }
    }
    if (last.ok()) return last;
    // Nothing signals that a group has become empty in version 1; the kernel takes a moment.
    poll(nullptr, 0, 50);
  }
  return last;
}

}  // namespace diego::rep
