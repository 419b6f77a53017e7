#include "services/rep/effects/machine_capacity.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
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

absl::StatusOr<std::string> MachineAddress() {
  const auto fault = [](const char* what) {
    return absl::UnavailableError(
        absl::StrCat("finding this machine's address (", what, "); give external_address"));
  };
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fault("socket");
  // Connecting a datagram socket chooses a route and with it our address, and sends nothing.
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(9);
  peer.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1, reserved for documentation
  sockaddr_in own = {};
  socklen_t length = sizeof(own);
  const bool found = connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) == 0;
  close(fd);
  if (!found) return fault("no default route");
  char text[INET_ADDRSTRLEN] = "";
  if (inet_ntop(AF_INET, &own.sin_addr, text, sizeof(text)) == nullptr) return fault("inet_ntop");
  return std::string(text);
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
