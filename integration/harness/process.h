// A child process of a test or the demo: its output goes to a log file, and it does not outlive its
// parent unless that is asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace diego::harness {

struct ProcessOptions {
  std::string name;  // for messages
  std::vector<std::string> argv;
  std::vector<std::string> extra_env;  // "KEY=value"; the parent's environment is kept
  std::string log_file;                // stdout and stderr are appended; empty: the parent's own
  std::string working_dir;             // empty: the parent's
  bool outlive_parent = false;
};

// Not thread-safe. Destroying a running process kills it (KILL) and reaps it.
class Process {
 public:
  static absl::StatusOr<std::unique_ptr<Process>> Start(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return pid_; }
  const std::string& name() const { return name_; }
  bool Running();
  // Sends the signal if the process still runs.
  void Signal(int signal);
  // Waits for its end: the exit status (128 + signal when killed), or nullopt on timeout.
  std::optional<int> Wait(absl::Duration timeout);
  // Lets the process run on when this object goes (options.outlive_parent).
  void Detach() { detached_ = true; }
  // TERM, then KILL after `grace`; returns the exit status.
  int Stop(absl::Duration grace);

 private:
  Process(std::string name, int pid, int pidfd)
      : name_(std::move(name)), pid_(pid), pidfd_(pidfd) {}

  const std::string name_;
  const int pid_;
  const int pidfd_;
  std::optional<int> exit_status_;
  bool detached_ = false;
};

// Runs a command to its end and returns what it wrote to stdout. A non-zero exit is an error that
// carries its stderr. `timeout` kills it.
absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& argv, absl::Duration timeout,
                                       const std::vector<std::string>& extra_env = {});

// A TCP port of 127.0.0.1 that was free a moment ago and that no earlier call of this process got.
int FreePort();

}  // namespace diego::harness
