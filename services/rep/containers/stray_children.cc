#include "services/rep/containers/stray_children.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/rep/containers/file_io.h"

namespace diego::rep {
namespace {

// Whether /proc/PID/status is that of a dead child of ours that lived in another process namespace.
bool IsDeadFromContainer(absl::string_view status) {
  const std::string parent = absl::StrCat("PPid:\t", getpid(), "\n");
  if (!absl::StrContains(status, "State:\tZ") || !absl::StrContains(status, parent)) return false;
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    if (!absl::StartsWith(line, "NSpid:")) continue;
    const std::vector<absl::string_view> ids = absl::StrSplit(line, '\t', absl::SkipEmpty());
    return ids.size() > 2;  // the name, an id here, an id there
  }
  return false;
}

std::set<pid_t> DeadFromContainers() {
  std::set<pid_t> found;
  for (const std::string& name : ListDirectory("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(name, &pid)) continue;
    const auto status = ReadWholeFile(absl::StrCat("/proc/", name, "/status"));
    if (status.ok() && IsDeadFromContainer(*status)) found.insert(pid);
  }
  return found;
}

}  // namespace

void ReapStrayChildren() {
  const std::set<pid_t> first = DeadFromContainers();
  if (first.empty()) return;
  poll(nullptr, 0, 300);
  for (pid_t pid : DeadFromContainers()) {
    if (first.count(pid) > 0) waitpid(pid, nullptr, WNOHANG);
  }
}

}  // namespace diego::rep
