// A socket on a free port of 127.0.0.1, for tests that play a server by hand.
#pragma once

#include <cstdint>

namespace diego::testing {

class LoopbackListener {
 public:
  // Bound, and listening unless `backlog` is 0: then connections are refused.
  explicit LoopbackListener(int backlog = 16);
  ~LoopbackListener();
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  int fd() const { return fd_; }
  uint16_t port() const { return port_; }
  void Listen(int backlog);
  // From here on connections are refused.
  void Close();
  // The next connection, which the caller closes; -1 when none comes in time.
  int Accept(int milliseconds);

 private:
  int fd_;
  uint16_t port_ = 0;
};

}  // namespace diego::testing
