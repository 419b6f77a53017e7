#include "services/rep/effects/machine_capacity.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace diego::rep {
namespace {

constexpr int64_t kMegabyte = 1 << 20;

}  // namespace

absl::StatusOr<int64_t> MachineMemoryMb() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES);
  const int64_t page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) {
    return absl::UnavailableError("the machine does not say its memory; give memory_mb a number");
  }
  return pages * page_bytes / kMegabyte;
}

absl::StatusOr<int64_t> MachineDiskMb(const std::string& path) {
  struct statvfs stats = {};
  if (statvfs(path.c_str(), &stats) != 0) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("reading the disk's size at ", path, "; give disk_mb a number"));
  }
  return static_cast<int64_t>(stats.f_blocks) * static_cast<int64_t>(stats.f_frsize) / kMegabyte;
}

}  // namespace diego::rep
