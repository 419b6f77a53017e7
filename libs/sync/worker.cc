#include "libs/sync/worker.h"

#include <pthread.h>

#include <utility>

namespace diego {

Worker::Worker(std::string name, std::function<absl::Duration()> step)
    : thread_([this, name = std::move(name), step = std::move(step)] { Run(name, step); }) {}

Worker::~Worker() { Stop(); }

void Worker::Wake() {
  state_.With([](State& state) { state.woken = true; });
}

void Worker::Stop() {
  state_.With([](State& state) { state.stopping = true; });
  if (thread_.joinable()) thread_.join();
}

void Worker::Run(const std::string& name, const std::function<absl::Duration()>& step) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  while (true) {
    if (state_.With([](const State& state) { return state.stopping; })) return;
    const absl::Duration wait = step();
    if (wait <= absl::ZeroDuration()) continue;
    state_.When([](const State& state) { return state.stopping || state.woken; }, wait,
                [](State& state, bool) { state.woken = false; });
  }
}

}  // namespace diego
