// Termination: how a service's main waits for its end.
//
//   Termination termination;              // first of all, before any thread
//   auto server = Server::Start(config, [&](int code) { termination.Request(code); });
//   const int exit_code = termination.Wait();
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace diego {

// One object a process, made before its first thread: threads inherit the blocked signals.
class Termination {
 public:
  // From now on SIGTERM and SIGINT wait for Wait(), and SIGPIPE is ignored.
  Termination();
  Termination(const Termination&) = delete;
  Termination& operator=(const Termination&) = delete;

  // Blocks until SIGTERM or SIGINT (returns 0) or the first Request (returns its code).
  int Wait();
  // The same, for at most `timeout`; nothing when it has passed.
  std::optional<int> WaitFor(absl::Duration timeout);
  // Ends the wait from within. Any thread.
  void Request(int exit_code);

 private:
  std::atomic<int> exit_code_{0};
};

}  // namespace diego
