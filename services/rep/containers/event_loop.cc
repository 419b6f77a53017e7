#include "services/rep/containers/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>

#include "libs/base/check.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {
namespace {

constexpr uint64_t kWakeToken = 0;

}  // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  DIEGO_CHECK(epoll_.valid() && wake_.valid()) << "no descriptors left for an event loop";
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeToken;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Start() {
  worker_ = std::make_unique<Worker>("event-loop", [this] {
    Step(absl::Seconds(1));
    return absl::ZeroDuration();
  });
}

void EventLoop::Stop() {
  if (!worker_) return;
  Wake();
  worker_->Stop();
  worker_.reset();
}

void EventLoop::Wake() {
  const uint64_t one = 1;
  // A full counter means that the loop is being woken already.
  (void)!write(wake_.get(), &one, sizeof one);
}

void EventLoop::Post(Callback work) {
  state_.With([&](State& state) { state.posted.push_back(std::move(work)); });
  Wake();
}

void EventLoop::RunAndWait(const Callback& work) {
  if (!worker_) return work();
  Guarded<bool> over;
  Post([&] {
    work();
    over.With([](bool& value) { value = true; });
  });
  over.When([](bool value) { return value; }, absl::InfiniteDuration(), [](bool, bool) {});
}

EventLoop::TimerId EventLoop::After(absl::Duration delay, Callback work) {
  const absl::Duration deadline = clock_.Monotonic() + std::max(delay, absl::ZeroDuration());
  const TimerId id = state_.With([&](State& state) {
    const TimerId next = state.next_id++;
    state.timers.emplace(next, std::move(work));
    state.deadlines.emplace(deadline, next);
    state.deadline_of.emplace(next, deadline);
    return next;
  });
  Wake();
  return id;
}

void EventLoop::Cancel(TimerId timer) {
  Callback dropped;  // destroyed outside the lock
  state_.With([&](State& state) {
    const auto found = state.timers.find(timer);
    if (found == state.timers.end()) return;
    dropped = std::move(found->second);
    state.timers.erase(found);
    state.deadlines.erase({state.deadline_of[timer], timer});
    state.deadline_of.erase(timer);
  });
}

absl::Status EventLoop::Watch(int fd, Interest interest, Callback ready) {
  return state_.With([&](State& state) {
    const uint64_t token = state.next_id++;
    epoll_event event{};
    event.events = interest == Interest::kRead ? EPOLLIN : EPOLLOUT;
    event.data.u64 = token;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      return ErrnoStatus("watching a descriptor");
    }
    state.by_fd[fd] = Watched{token, std::make_shared<Callback>(std::move(ready))};
    state.fd_of_token[token] = fd;
    return absl::OkStatus();
  });
}

void EventLoop::Unwatch(int fd) {
  Watched dropped;
  state_.With([&](State& state) {
    const auto found = state.by_fd.find(fd);
    if (found == state.by_fd.end()) return;
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    dropped = std::move(found->second);
    state.fd_of_token.erase(dropped.token);
    state.by_fd.erase(found);
  });
}

int EventLoop::WaitMilliseconds(absl::Duration most_wait) const {
  const absl::Duration now = clock_.Monotonic();
  const absl::Duration wait = state_.With([&](const State& state) {
    if (!state.posted.empty()) return absl::ZeroDuration();
    if (state.deadlines.empty()) return most_wait;
    return std::clamp(state.deadlines.begin()->first - now, absl::ZeroDuration(), most_wait);
  });
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

void EventLoop::RunDueTimers() {
  const absl::Duration now = clock_.Monotonic();
  while (true) {
    Callback due;
    state_.With([&](State& state) {
      if (state.deadlines.empty() || state.deadlines.begin()->first > now) return;
      const TimerId id = state.deadlines.begin()->second;
      due = std::move(state.timers[id]);
      state.timers.erase(id);
      state.deadline_of.erase(id);
      state.deadlines.erase(state.deadlines.begin());
    });
    if (!due) return;
    due();
  }
}

void EventLoop::RunPosted() {
  std::vector<Callback> posted;
  state_.With([&](State& state) { posted.swap(state.posted); });
  for (Callback& work : posted) work();
}

void EventLoop::Step(absl::Duration most_wait) {
  constexpr int kMostEvents = 64;
  epoll_event events[kMostEvents];
  const int count = epoll_wait(epoll_.get(), events, kMostEvents, WaitMilliseconds(most_wait));
  for (int i = 0; i < count; ++i) {
    const uint64_t token = events[i].data.u64;  // a copy: the kernel's struct is packed
    if (token == kWakeToken) {
      uint64_t ignored = 0;
      (void)!read(wake_.get(), &ignored, sizeof ignored);
      continue;
    }
    // Looked up only now: an earlier callback of this round may have ended the watch.
    std::shared_ptr<Callback> ready;
    state_.With([&](State& state) {
      const auto fd = state.fd_of_token.find(token);
      if (fd != state.fd_of_token.end()) ready = state.by_fd[fd->second].ready;
    });
    if (ready) (*ready)();
  }
  RunPosted();
  RunDueTimers();
}

}  // namespace diego::rep
