// Worker: a named thread that calls a Step() until told to stop, and joins when destroyed.
//
// This is how every loop of every service runs in production; in simulation the world calls the
// same Step() in seeded order instead.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "libs/sync/guarded.h"

namespace diego {

// Construct, Wake, Stop and destroy from any thread but the worker's own.
class Worker {
 public:
  // `step` does one round of work, may block for a bounded time, and returns how long to wait
  // before the next round (zero: at once). `name` is cut to 15 characters for the kernel.
  Worker(std::string name, std::function<absl::Duration()> step);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Ends the current wait early; the next step follows at once.
  void Wake();
  // No further step starts; returns when the current one is over. Idempotent.
  void Stop();

 private:
  struct State {
    bool stopping = false;
    bool woken = false;
  };
  void Run(const std::string& name, const std::function<absl::Duration()>& step);

  Guarded<State> state_;
  std::thread thread_;
};

}  // namespace diego
