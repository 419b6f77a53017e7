#include "libs/sync/termination.h"

#include <signal.h>
#include <unistd.h>

namespace diego {
namespace {

sigset_t EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Termination::Termination() {
  const sigset_t set = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int Termination::Wait() {
  const sigset_t set = EndingSignals();
  int received = 0;
  while (sigwait(&set, &received) != 0) {
  }
  return exit_code_.load();
}

std::optional<int> Termination::WaitFor(absl::Duration timeout) {
  const sigset_t set = EndingSignals();
  const timespec limit = absl::ToTimespec(timeout);
  if (sigtimedwait(&set, nullptr, &limit) < 0) return std::nullopt;
  return exit_code_.load();
}

void Termination::Request(int exit_code) {
  int none = 0;
  exit_code_.compare_exchange_strong(none, exit_code);
  // To the process, not a thread: all of them block it, so it stays pending until Wait takes it.
  kill(getpid(), SIGTERM);
}

}  // namespace diego
