#include "services/rep/containers/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {
namespace {

constexpr int kHeldFd = 3;

std::string FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (absl::string_view dir : absl::StrSplit(kHostPath, ':')) {
    std::string path = absl::StrCat(dir, "/", name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

// Everything between fork and exec: only async-signal-safe calls, no allocation.
[[noreturn]] void BecomeChild(const SpawnSpec& spec, const char* program, char* const* argv,
                              char* const* env, int null_fd, pid_t parent) {
  setsid();
  if (spec.die_with_caller) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
  }
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // First out of the way of 0..3, then into place.
  int fds[4] = {spec.stdin_fd, spec.stdout_fd, spec.stderr_fd, spec.held_fd};
  for (int i = 0; i < 4; ++i) {
    if (fds[i] < 0 && i < kHeldFd) fds[i] = null_fd;
    if (fds[i] >= 0) fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 10);
  }
  for (int i = 0; i < 4; ++i) {
    if (fds[i] >= 0) dup2(fds[i], i);
  }
  close_range(spec.held_fd >= 0 ? kHeldFd + 1 : kHeldFd, ~0U, CLOSE_RANGE_CLOEXEC);
  execve(program, argv, env);
  _exit(127);
}

absl::StatusOr<UniqueFd> MemoryFile(const std::string& content) {
  UniqueFd fd(memfd_create("diego", MFD_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus("memfd_create");
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = write(fd.get(), content.data() + done, content.size() - done);
    if (n < 0) return ErrnoStatus("writing to a memory file");
    done += n;
  }
  lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string ReadMemoryFile(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return "";
  constexpr off_t kMostBytes = 4 << 20;
  std::string content(std::min<off_t>(info.st_size, kMostBytes), '\0');
  const ssize_t n = pread(fd, content.data(), content.size(), 0);
  content.resize(n < 0 ? 0 : n);
  return content;
}

}  // namespace

absl::StatusOr<UniqueFd> OpenPidfd(pid_t pid) {
  UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("pidfd_open of process ", pid));
  return fd;
}

absl::StatusOr<Child> Spawn(const SpawnSpec& spec) {
  const std::string program = FindProgram(spec.argv[0]);
  if (program.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("program '", spec.argv[0], "' is not installed (looked in ", kHostPath, ")"));
  }
  std::vector<char*> argv;
  for (const std::string& arg : spec.argv) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  const std::string path = absl::StrCat("PATH=", kHostPath);
  std::vector<char*> env = {const_cast<char*>(path.c_str())};
  for (const std::string& entry : spec.env) env.push_back(const_cast<char*>(entry.c_str()));
  env.push_back(nullptr);
  UniqueFd null_fd(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_fd.valid()) return ErrnoStatus("opening /dev/null");

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(absl::StrCat("forking for ", program));
  if (pid == 0) {
    BecomeChild(spec, program.c_str(), argv.data(), env.data(), null_fd.get(), parent);
  }
  Child child;
  child.pid = pid;
  DIEGO_ASSIGN_OR_RETURN(child.pidfd, OpenPidfd(pid));
  return child;
}

absl::StatusOr<int> WaitFor(const Child& child, absl::Duration timeout) {
  pollfd ready = {child.pidfd.get(), POLLIN, 0};
  const absl::Duration most = std::min(timeout, absl::Hours(1));
  int found = 0;
  do {
    found = poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(most)));
  } while (found < 0 && errno == EINTR);
  const bool late = found == 0;
  if (late) kill(child.pid, SIGKILL);
  siginfo_t info{};
  int reaped = 0;
  do {
    reaped = waitid(static_cast<idtype_t>(P_PIDFD), child.pidfd.get(), &info, WEXITED);
  } while (reaped < 0 && errno == EINTR);
  if (late)
    return absl::DeadlineExceededError(
        absl::StrCat("not done after ", absl::FormatDuration(timeout)));
  if (reaped < 0) return ErrnoStatus("waiting for a child");
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

absl::StatusOr<CommandResult> RunCommand(SpawnSpec spec, const std::string& input,
                                         absl::Duration timeout) {
  DIEGO_ASSIGN_OR_RETURN(UniqueFd in, MemoryFile(input));
  DIEGO_ASSIGN_OR_RETURN(UniqueFd out, MemoryFile(""));
  DIEGO_ASSIGN_OR_RETURN(UniqueFd err, MemoryFile(""));
  spec.stdin_fd = in.get();
  spec.stdout_fd = out.get();
  spec.stderr_fd = err.get();
  spec.die_with_caller = spec.held_fd < 0;
  DIEGO_ASSIGN_OR_RETURN(const Child child, Spawn(spec));
  const absl::StatusOr<int> code = WaitFor(child, timeout);
  if (!code.ok()) return Annotate(code.status(), spec.argv[0]);
  return CommandResult{*code, ReadMemoryFile(out.get()), ReadMemoryFile(err.get())};
}

absl::Status RunToSuccess(SpawnSpec spec, const std::string& input, absl::Duration timeout) {
  const std::string name = spec.argv[0];
  DIEGO_ASSIGN_OR_RETURN(const CommandResult result, RunCommand(std::move(spec), input, timeout));
  if (result.exit_code == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      name, " exited with status ", result.exit_code, ": ",
      absl::StripAsciiWhitespace(absl::StrCat(result.standard_error, result.standard_output))));
}

}  // namespace diego::rep
