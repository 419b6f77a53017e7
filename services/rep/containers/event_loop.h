// EventLoop: one thread that waits for descriptors, timers and posted work, and calls back.
//
// It replaces a thread a process or a pipe: everything that containers tell (output, exits,
// finished transfers) arrives here, and what decides about a container runs here, one callback at
// a time, without locks of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

// Methods may be called from any thread. Callbacks run on the thread that calls Step (the loop's
// own after Start) and must not block.
class EventLoop {
 public:
  using Callback = std::function<void()>;
  using TimerId = uint64_t;  // never 0
  enum class Interest { kRead, kWrite };

  explicit EventLoop(const Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls Step on a thread of its own until Stop or destruction.
  void Start();
  // Returns when the last callback is over. What is posted later is never run.
  void Stop();

  void Post(Callback work);
  // Post, and wait until it is over; at once on this thread when the loop has no thread of its own.
  // Not from a callback.
  void RunAndWait(const Callback& work);
  // Calls `work` once, `delay` from now by the clock's monotonic time.
  TimerId After(absl::Duration delay, Callback work);
  // Does nothing when it has fired or never was. From a callback: it will not fire any more.
  void Cancel(TimerId timer);

  // Calls `ready` whenever `fd` is readable (or writable), hung up or broken, until Unwatch. One
  // watch a descriptor.
  absl::Status Watch(int fd, Interest interest, Callback ready);
  // Before closing the descriptor. From a callback: `ready` will not be called any more.
  void Unwatch(int fd);

  // One round: waits at most `most_wait` for something to happen, then runs what is due.
  void Step(absl::Duration most_wait);

  const Clock& clock() const { return clock_; }

 private:
  struct Watched {
    uint64_t token = 0;
    std::shared_ptr<Callback> ready;
  };
  struct State {
    uint64_t next_id = 1;
    std::vector<Callback> posted;
    std::map<TimerId, Callback> timers;
    std::set<std::pair<absl::Duration, TimerId>> deadlines;
    std::map<TimerId, absl::Duration> deadline_of;
    std::map<int, Watched> by_fd;
    std::map<uint64_t, int> fd_of_token;
  };
  void Wake();
  int WaitMilliseconds(absl::Duration most_wait) const;
  void RunDueTimers();
  void RunPosted();

  const Clock& clock_;
  UniqueFd epoll_;
  UniqueFd wake_;
  Guarded<State> state_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace diego::rep
