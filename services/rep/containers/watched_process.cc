#include "services/rep/containers/watched_process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {
namespace {

constexpr size_t kReadBytes = 65536;
// What is taken from a pipe after the end of its process; a daemon it left could write for ever.
constexpr size_t kMostLastBytes = 1 << 20;

}  // namespace

WatchedProcess::WatchedProcess(EventLoop& loop, Parts parts, ProcessCallbacks callbacks,
                               std::function<bool()> was_out_of_memory)
    : loop_(loop),
      pid_(parts.pid),
      pidfd_(std::move(parts.pidfd)),
      callbacks_(std::move(callbacks)),
      was_out_of_memory_(std::move(was_out_of_memory)) {
  const auto lines_to = [this](Stream stream) {
    return std::make_unique<LineSplitter>(kMaxLogLineBytes, [this, stream](absl::string_view line) {
      if (callbacks_.on_line) callbacks_.on_line(stream, line);
    });
  };
  out_ = {std::move(parts.standard_output), lines_to(Stream::kStdout)};
  err_ = {std::move(parts.standard_error), lines_to(Stream::kStderr)};
}

absl::StatusOr<std::shared_ptr<WatchedProcess>> WatchedProcess::Start(
    EventLoop& loop, Parts parts, ProcessCallbacks callbacks,
    std::function<bool()> was_out_of_memory) {
  std::shared_ptr<WatchedProcess> process(new WatchedProcess(
      loop, std::move(parts), std::move(callbacks), std::move(was_out_of_memory)));
  DIEGO_RETURN_IF_ERROR(process->Watch());
  return process;
}

absl::Status WatchedProcess::Watch() {
  using Interest = EventLoop::Interest;
  const auto self = shared_from_this();
  for (Pipe* pipe : {&out_, &err_}) {
    if (!pipe->fd.valid()) continue;
    DIEGO_RETURN_IF_ERROR(
        loop_.Watch(pipe->fd.get(), Interest::kRead, [self, pipe] { self->ReadSome(*pipe); }));
  }
  return loop_.Watch(pidfd_.get(), Interest::kRead, [self] { self->OnExit(); });
}

void WatchedProcess::ReadSome(Pipe& pipe) {
  char buffer[kReadBytes];
  const ssize_t n = read(pipe.fd.get(), buffer, sizeof buffer);
  if (n > 0) {
    pipe.lines->Add(absl::string_view(buffer, n));
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    loop_.Unwatch(pipe.fd.get());
    pipe.fd.Reset();
  }
}

void WatchedProcess::Finish(Pipe& pipe) {
  char buffer[kReadBytes];
  size_t total = 0;
  while (pipe.fd.valid() && total < kMostLastBytes) {
    const ssize_t n = read(pipe.fd.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    pipe.lines->Add(absl::string_view(buffer, n));
    total += n;
  }
  pipe.lines->Flush();
  if (!pipe.fd.valid()) return;
  loop_.Unwatch(pipe.fd.get());
  pipe.fd.Reset();
}

void WatchedProcess::OnExit() {
  const auto self = shared_from_this();  // Unwatch drops the loop's
  siginfo_t info{};
  const int reaped = over_.With([&](bool& over) {
    const int result =
        waitid(static_cast<idtype_t>(P_PIDFD), pidfd_.get(), &info, WEXITED | WNOHANG);
    if (result == 0 && info.si_pid == 0) return 1;
    over = true;
    return result;
  });
  if (reaped == 1) return;
  loop_.Unwatch(pidfd_.get());
  Finish(out_);
  Finish(err_);
  ProcessExit exit;
  exit.status = reaped < 0                   ? 255
                : info.si_code == CLD_EXITED ? info.si_status
                                             : 128 + info.si_status;
  exit.out_of_memory = was_out_of_memory_ && was_out_of_memory_();
  const ProcessCallbacks callbacks = std::exchange(callbacks_, {});
  if (callbacks.on_exit) callbacks.on_exit(exit);
}

absl::Status WatchedProcess::Signal(int signal_number) {
  return over_.With([&](const bool& over) {
    if (over) return absl::NotFoundError("the process is over");
    if (signal_number == SIGKILL) kill(-pid_, SIGKILL);  // it leads its own session
    if (syscall(SYS_pidfd_send_signal, pidfd_.get(), signal_number, nullptr, 0) != 0) {
      return ErrnoStatus("signalling a process");
    }
    return absl::OkStatus();
  });
}

}  // namespace diego::rep
