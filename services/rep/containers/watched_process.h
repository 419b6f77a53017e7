// A process of a container, followed on the event loop: its output cut into lines, its end told.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/line_splitter.h"
#include "services/rep/containers/runtime.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

// The process must be a child of this one (by birth, or inherited as its subreaper). Keeps itself
// alive until it has told the exit. Signal from any thread; the rest on the loop.
class WatchedProcess final : public Process, public std::enable_shared_from_this<WatchedProcess> {
 public:
  struct Parts {
    pid_t pid = 0;
    UniqueFd pidfd;
    UniqueFd standard_output;  // read ends, non-blocking; may be absent
    UniqueFd standard_error;
  };
  // `was_out_of_memory` is asked once, when the process is over.
  static absl::StatusOr<std::shared_ptr<WatchedProcess>> Start(
      EventLoop& loop, Parts parts, ProcessCallbacks callbacks,
      std::function<bool()> was_out_of_memory);

  absl::Status Signal(int signal_number) override;

 private:
  struct Pipe {
    UniqueFd fd;
    std::unique_ptr<LineSplitter> lines;
  };
  WatchedProcess(EventLoop& loop, Parts parts, ProcessCallbacks callbacks,
                 std::function<bool()> was_out_of_memory);
  absl::Status Watch();
  void ReadSome(Pipe& pipe);
  void Finish(Pipe& pipe);
  void OnExit();

  EventLoop& loop_;
  const pid_t pid_;
  const UniqueFd pidfd_;
  Pipe out_;
  Pipe err_;
  ProcessCallbacks callbacks_;
  const std::function<bool()> was_out_of_memory_;
  Guarded<bool> over_;  // under its lock the pid is ours for sure while false
};

}  // namespace diego::rep
