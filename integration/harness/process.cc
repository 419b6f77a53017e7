#include "integration/harness/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sync/guarded.h"

namespace diego::harness {
namespace {

// What the child does between fork and exec: only async-signal-safe calls.
[[noreturn]] void ExecChild(const ProcessOptions& options, char* const* argv, char* const* envp,
                            pid_t parent, int log_fd, const sigset_t& signal_mask) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  sigprocmask(SIG_SETMASK, &signal_mask, nullptr);
  if (!options.outlive_parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
  }
  setpgid(0, 0);  // a Ctrl-C at the terminal is the parent's to handle
  const int null_fd = open("/dev/null", O_RDONLY);
  dup2(null_fd, STDIN_FILENO);
  if (log_fd >= 0) {
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
  }
  if (!options.working_dir.empty() && chdir(options.working_dir.c_str()) != 0) _exit(127);
  execvpe(argv[0], argv, envp);
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

int ExitStatusOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const ProcessOptions& options) {
  std::vector<std::string> environment = options.extra_env;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const std::vector<char*> argv = Pointers(options.argv);
  const std::vector<char*> envp = Pointers(environment);
  int log_fd = -1;
  if (!options.log_file.empty()) {
    log_fd = open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_fd < 0) {
      return absl::InternalError(
          absl::StrCat("cannot open log file ", options.log_file, ": ", strerror(errno)));
    }
  }
  // A signal that comes before exec must not run our own handlers in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) ExecChild(options, argv.data(), envp.data(), parent, log_fd, before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (log_fd >= 0) close(log_fd);
  if (pid < 0) return absl::InternalError(absl::StrCat("fork: ", strerror(errno)));
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  DIEGO_CHECK(pidfd >= 0) << strerror(errno);
  fcntl(pidfd, F_SETFD, FD_CLOEXEC);
  return std::unique_ptr<Process>(new Process(options.name, pid, pidfd));
}

Process::~Process() {
  if (!detached_) {
    Signal(SIGKILL);
    Wait(absl::InfiniteDuration());
  }
  close(pidfd_);
}

bool Process::Running() { return !Wait(absl::ZeroDuration()).has_value(); }

void Process::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

std::optional<int> Process::Wait(absl::Duration timeout) {
  if (exit_status_) return exit_status_;
  pollfd ended{pidfd_, POLLIN, 0};
  const int64_t ms = timeout == absl::InfiniteDuration() ? -1 : absl::ToInt64Milliseconds(timeout);
  while (poll(&ended, 1, static_cast<int>(ms)) < 0 && errno == EINTR) {
  }
  int status = 0;
  if ((ended.revents & POLLIN) == 0 || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  exit_status_ = ExitStatusOf(status);
  return exit_status_;
}

int Process::Stop(absl::Duration grace) {
  Signal(SIGTERM);
  if (const auto status = Wait(grace)) return *status;
  Signal(SIGKILL);
  return *Wait(absl::InfiniteDuration());
}

absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& argv, absl::Duration timeout,
                                       const std::vector<std::string>& extra_env) {
  char out_path[] = "/tmp/diego-command-XXXXXX";
  const int fd = mkstemp(out_path);
  if (fd < 0) return absl::InternalError(absl::StrCat("mkstemp: ", strerror(errno)));
  close(fd);
  // stderr apart from stdout: the shell's redirection keeps Process simple.
  std::vector<std::string> wrapped = {"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"",
                                      absl::StrCat(out_path, ".err")};
  wrapped.insert(wrapped.end(), argv.begin(), argv.end());
  auto process = Process::Start({.name = argv[0],
                                 .argv = wrapped,
                                 .extra_env = extra_env,
                                 .log_file = out_path,
                                 .working_dir = ""});
  std::optional<int> status;
  if (process.ok()) {
    status = (*process)->Wait(timeout);
    process->reset();
  }
  const std::string output = ReadWhole(out_path);
  const std::string errors = ReadWhole(absl::StrCat(out_path, ".err"));
  unlink(out_path);
  unlink(absl::StrCat(out_path, ".err").c_str());
  if (!process.ok()) return process.status();
  if (!status)
    return absl::DeadlineExceededError(
        absl::StrCat(argv[0], " took longer than ", absl::FormatDuration(timeout)));
  if (*status != 0) {
    return absl::UnknownError(
        absl::StrCat(argv[0], " ended with status ", *status, ": ", errors, output));
  }
  return output;
}

int FreePort() {
  static Guarded<std::set<int>> given;
  while (true) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    DIEGO_CHECK(fd >= 0) << strerror(errno);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    DIEGO_CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0) << strerror(errno);
    DIEGO_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    close(fd);
    const int port = ntohs(address.sin_port);
    if (given.With([&](std::set<int>& ports) { return ports.insert(port).second; })) return port;
  }
}

}  // namespace diego::harness
