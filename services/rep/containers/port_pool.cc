#include "services/rep/containers/port_pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"

namespace diego::rep {
namespace {

UniqueFd BindPort(uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  if (!fd.valid() || bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fd.Reset();
  }
  return fd;
}

}  // namespace

PortPool::PortPool(uint16_t first, int count) : first_(first), count_(count) {}

absl::StatusOr<std::vector<uint16_t>> PortPool::Take(size_t count) {
  return state_.With([&](State& state) -> absl::StatusOr<std::vector<uint16_t>> {
    std::vector<uint16_t> ports;
    for (int tried = 0; tried < count_ && ports.size() < count; ++tried) {
      const uint16_t port = first_ + state.cursor;
      state.cursor = (state.cursor + 1) % count_;
      if (state.taken.count(port) > 0) continue;
      UniqueFd fd = BindPort(port);
      if (!fd.valid()) continue;
      state.taken.emplace(port, std::move(fd));
      ports.push_back(port);
    }
    if (ports.size() == count) return ports;
    for (uint16_t port : ports) state.taken.erase(port);
    return absl::ResourceExhaustedError(
        absl::StrCat("no ", count, " free host ports from ", first_, " to ", first_ + count_ - 1));
  });
}

void PortPool::Release(const std::vector<uint16_t>& ports) {
  state_.With([&](State& state) {
    for (uint16_t port : ports) state.taken.erase(port);
  });
}

}  // namespace diego::rep
