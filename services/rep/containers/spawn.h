// Starting programs of the host: with a clean signal state, no leaked descriptors, no shell.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

struct SpawnSpec {
  std::vector<std::string> argv;  // argv[0] is looked up in the PATH of kHostPath
  std::vector<std::string> env;   // "NAME=value", besides PATH
  int stdin_fd = -1;              // -1 = /dev/null, for these three
  int stdout_fd = -1;
  int stderr_fd = -1;
  // Stays open in the child as descriptor 3: a lock that is held until the child is gone, even
  // when this process dies before. -1 = none.
  int held_fd = -1;
  // The kernel kills the child when the calling thread ends; for children that are waited for.
  bool die_with_caller = false;
};

struct Child {
  pid_t pid = 0;
  UniqueFd pidfd;
};

inline constexpr char kHostPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Any thread. The child leads its own session. The caller reaps it.
absl::StatusOr<Child> Spawn(const SpawnSpec& spec);

// Waits for a child and reaps it: exit code, or 128 + signal number. DeadlineExceeded after
// `timeout`, the child being killed and reaped then.
absl::StatusOr<int> WaitFor(const Child& child, absl::Duration timeout);

struct CommandResult {
  int exit_code = 0;
  std::string standard_output;
  std::string standard_error;
};

// Runs a program to its end with `input` on its standard input.
absl::StatusOr<CommandResult> RunCommand(SpawnSpec spec, const std::string& input,
                                         absl::Duration timeout);

// RunCommand, and Internal with the program's own words when it does not exit with 0.
absl::Status RunToSuccess(SpawnSpec spec, const std::string& input, absl::Duration timeout);

// pidfd_open(2).
absl::StatusOr<UniqueFd> OpenPidfd(pid_t pid);

}  // namespace diego::rep
