#include "integration/harness/shared_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::harness {
namespace {

using Ticks = std::atomic_ref<int64_t>;
// Else it would be guarded by a lock that other processes do not see.
static_assert(Ticks::is_always_lock_free);

}  // namespace

absl::StatusOr<std::unique_ptr<SharedClock>> SharedClock::Create(const std::string& path,
                                                                 absl::Time now) {
  DIEGO_ASSIGN_OR_RETURN(auto clock, Map(path, O_CREAT | O_EXCL));
  Ticks(*clock->unix_ns_).store(absl::ToUnixNanos(now));
  return clock;
}

absl::StatusOr<std::unique_ptr<SharedClock>> SharedClock::Open(const std::string& path) {
  return Map(path, 0);
}

absl::StatusOr<std::unique_ptr<SharedClock>> SharedClock::Map(const std::string& path, int flags) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  const absl::Cleanup close_file = [fd] { close(fd); };  // the mapping stays
  if (ftruncate(fd, sizeof(int64_t)) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("ftruncate ", path));
  }
  void* const memory = mmap(nullptr, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, absl::StrCat("mmap ", path));
  return std::unique_ptr<SharedClock>(new SharedClock(static_cast<int64_t*>(memory)));
}

SharedClock::~SharedClock() { munmap(unix_ns_, sizeof(*unix_ns_)); }

absl::Time SharedClock::Now() const { return absl::FromUnixNanos(Ticks(*unix_ns_).load()); }

void SharedClock::Advance(absl::Duration by) {
  Ticks(*unix_ns_).fetch_add(absl::ToInt64Nanoseconds(by));
}

}  // namespace diego::harness
