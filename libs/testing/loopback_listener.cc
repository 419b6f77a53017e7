#include "libs/testing/loopback_listener.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/check.h"

namespace diego::testing {

LoopbackListener::LoopbackListener(int backlog)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  DIEGO_CHECK(fd_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  DIEGO_CHECK(bind(fd_, raw, length) == 0);
  DIEGO_CHECK(getsockname(fd_, raw, &length) == 0);
  port_ = ntohs(address.sin_port);
  if (backlog > 0) Listen(backlog);
}

LoopbackListener::~LoopbackListener() { Close(); }

void LoopbackListener::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void LoopbackListener::Listen(int backlog) { DIEGO_CHECK(listen(fd_, backlog) == 0); }

int LoopbackListener::Accept(int milliseconds) {
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, milliseconds) != 1) return -1;
  return accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
}

}  // namespace diego::testing
