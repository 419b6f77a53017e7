#include "libs/rpc/channel.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/rpc/callback_threads.h"
#include "libs/sync/guarded.h"

namespace diego::rpc {
namespace {

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

std::chrono::system_clock::time_point DeadlineAfter(absl::Duration timeout) {
  return absl::ToChronoTime(RealClock().Now() + timeout);
}

bool NeverSent(const grpc::Status& status) {
  return !AnsweredByPeer(status) && absl::StartsWith(status.error_message(), kNeverSent);
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const ChannelOptions& options) {
  KeepCallbackThreads();
  grpc::ChannelArguments arguments;
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   std::min(200, Milliseconds(options.max_reconnect_backoff)));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(options.max_reconnect_backoff));
  // Refusals carry details; see status.h.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  // No proxies between parts of one system, whatever the environment says.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

void SetTimeout(grpc::ClientContext* context, absl::Duration timeout) {
  if (timeout != absl::InfiniteDuration()) context->set_deadline(DeadlineAfter(timeout));
}

std::unique_ptr<grpc::ClientContext> MakeContext(absl::Duration timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  SetTimeout(context.get(), timeout);
  return context;
}

struct FailoverChannel::State {
  struct Calls {
    bool cancelled = false;
    std::set<grpc::ClientContext*> under_way;
    absl::Duration looked_for_grpc = -absl::InfiniteDuration();
  };
  std::atomic<size_t> current{0};
  std::atomic<size_t> answered{std::numeric_limits<size_t>::max()};  // the last that did
  Guarded<Calls> calls;
};

FailoverChannel::FailoverChannel(const std::vector<std::string>& addresses,
                                 const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                                 const ChannelOptions& channel_options, const Options& options)
    : options_(options), addresses_(addresses), state_(std::make_unique<State>()) {
  DIEGO_CHECK(!addresses.empty()) << "a channel to nowhere";
  for (size_t i = 0; i < addresses.size(); ++i) {
    channels_.push_back(IsUrl(i) ? options.open_url(addresses[i])
                                 : MakeChannel(addresses[i], credentials, channel_options));
  }
}

FailoverChannel::~FailoverChannel() = default;

size_t FailoverChannel::size() const { return channels_.size(); }

const std::shared_ptr<grpc::Channel>& FailoverChannel::channel(size_t index) const {
  return channels_.at(index);
}

size_t FailoverChannel::current() const { return state_->current.load(); }

const std::string& FailoverChannel::current_address() const { return addresses_[current()]; }

void FailoverChannel::MoveOn(size_t failed) {
  state_->current.compare_exchange_strong(failed, (failed + 1) % size());
}

void FailoverChannel::Cancel() {
  state_->calls.With([](State::Calls& calls) {
    calls.cancelled = true;
    for (grpc::ClientContext* context : calls.under_way) context->TryCancel();
  });
}

bool FailoverChannel::IsUrl(size_t index) const {
  return options_.open_url && absl::StartsWith(addresses_[index], "https://");
}

void FailoverChannel::LeaveUrl() {
  size_t at = current();
  if (!IsUrl(at)) return;
  const absl::Duration now = RealClock().Monotonic();
  const bool due = state_->calls.With([&](State::Calls& calls) {
    if (now - calls.looked_for_grpc < options_.look_for_grpc) return false;
    calls.looked_for_grpc = now;
    return true;
  });
  for (size_t i = 0; due && i < size(); ++i) {
    // Begins to connect, for the next look, but does not wait for it.
    if (IsUrl(i) || channels_[i]->GetState(true) != GRPC_CHANNEL_READY) continue;
    state_->current.compare_exchange_strong(at, i);
    return;
  }
}

void FailoverChannel::Answered(size_t index) {
  if (state_->answered.exchange(index) == index || !options_.answered_by) return;
  options_.answered_by(addresses_[index]);
}

bool FailoverChannel::Connect(size_t index, absl::Duration timeout) {
  if (IsUrl(index)) return true;
  grpc::Channel& channel = *channels_[index];
  const auto deadline = DeadlineAfter(timeout);
  while (true) {
    const grpc_connectivity_state state = channel.GetState(true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
    if (!channel.WaitForStateChange(state, deadline)) return false;
  }
}

absl::Status FailoverChannel::Call(
    absl::Duration timeout, Repeat repeat,
    const std::function<grpc::Status(grpc::ClientContext*, size_t)>& attempt) {
  const absl::Duration end = RealClock().Monotonic() + timeout;
  const auto left = [end] { return end - RealClock().Monotonic(); };
  const bool cancelled_before =
      state_->calls.With([](const State::Calls& calls) { return calls.cancelled; });
  LeaveUrl();
  bool heard_by_grpc = false;  // perhaps
  std::optional<absl::Status> last;
  const auto failure = [&] { return last.value_or(absl::UnavailableError("not tried")); };
  for (int round = 0; round < options_.rounds; ++round) {
    if (round > 0) {
      const bool cancelled = state_->calls.When(
          [](const State::Calls& calls) { return calls.cancelled; },
          std::min(options_.pause, left()), [](const State::Calls&, bool stop) { return stop; });
      if (cancelled) return failure();
      for (const auto& channel : channels_) {
        grpc::experimental::ChannelResetConnectionBackoff(channel.get());
      }
    }
    for (size_t tries = 0; tries < size(); ++tries) {
      if (left() <= absl::ZeroDuration()) return failure();
      const size_t index = current();
      if (heard_by_grpc && IsUrl(index)) {
        MoveOn(index);
        continue;
      }
      Connect(index, std::min(options_.connect_timeout, left()));
      // Without a connection the attempt fails at once, with gRPC's account of why.
      grpc::ClientContext context;
      SetTimeout(&context, std::min(options_.attempt_timeout, left()));
      state_->calls.With([&](State::Calls& calls) {
        calls.under_way.insert(&context);
        if (calls.cancelled && !cancelled_before) context.TryCancel();
      });
      const grpc::Status status = attempt(&context, index);
      state_->calls.With([&](State::Calls& calls) { calls.under_way.erase(&context); });
      const bool serves = status.error_code() != grpc::StatusCode::UNAVAILABLE;
      if (serves && (status.ok() || AnsweredByPeer(status))) Answered(index);
      if (status.ok()) return absl::OkStatus();
      // That a URL leads to nobody says less than what gRPC said before.
      if (!last || !IsUrl(index) || !NeverSent(status)) {
        last = Annotate(FromGrpc(status), addresses_[index]);
      }
      if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED && !AnsweredByPeer(status)) {
        MoveOn(index);  // it may be paused: let the next call ask another
      }
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return FromGrpc(status);
      MoveOn(index);
      const bool perhaps_heard = !AnsweredByPeer(status) && !NeverSent(status);
      if (repeat == Repeat::kUnsafe && perhaps_heard) return failure();
      if (!IsUrl(index)) heard_by_grpc = heard_by_grpc || perhaps_heard;
    }
  }
  return failure();
}

}  // namespace diego::rpc
