#include "libs/http_client/client.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http_client/loop.h"
#include "libs/sync/await.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::http_client {
namespace {

// The loop is woken when there is something to do; this only bounds a wait.
constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

struct Client::Impl {
  struct Waiting {
    Request request;
    Done done;
  };
  struct Data {
    std::vector<Waiting> waiting;
    size_t accepted = 0;  // and not over yet
    bool closed = false;
  };
  absl::Duration Step();

  size_t most_requests = 0;
  Guarded<Data> data;
  Loop loop;  // of the worker's thread, but for Wake
  std::unique_ptr<Worker> worker;
};

absl::Duration Client::Impl::Step() {
  auto begun = data.With([](Data& d) { return std::exchange(d.waiting, {}); });
  for (Waiting& one : begun) {
    loop.Begin(std::move(one.request), [this, done = std::move(one.done)](Outcome outcome) {
      data.With([](Data& d) { --d.accepted; });
      done(std::move(outcome));
    });
  }
  loop.Step(kPatience);
  return absl::ZeroDuration();
}

Client::Client(size_t most_requests) : impl_(std::make_unique<Impl>()) {
  impl_->most_requests = most_requests;
  impl_->worker =
      std::make_unique<Worker>("http-client", [impl = impl_.get()] { return impl->Step(); });
}

Client::~Client() {
  auto waiting = impl_->data.With([](Impl::Data& data) {
    data.closed = true;
    return std::exchange(data.waiting, {});
  });
  impl_->loop.Wake();
  impl_->worker->Stop();
  for (Impl::Waiting& one : waiting) one.done(absl::CancelledError("cancelled"));
  impl_->loop.CancelAll();
}

void Client::Start(Request request, Done done) {
  const absl::Status refused = impl_->data.With([&](Impl::Data& data) -> absl::Status {
    if (data.closed) return absl::CancelledError("the client is shutting down");
    if (data.accepted >= impl_->most_requests) {
      return absl::ResourceExhaustedError(
          absl::StrCat(data.accepted, " requests are under way; try again later"));
    }
    ++data.accepted;
    data.waiting.push_back({std::move(request), std::move(done)});
    return absl::OkStatus();
  });
  if (!refused.ok()) return done(refused);
  impl_->loop.Wake();
}

void Client::Wake() { impl_->loop.Wake(); }

Outcome Client::Run(Request request) {
  return Await<Outcome>([&](Done done) { Start(std::move(request), std::move(done)); });
}

}  // namespace diego::http_client
