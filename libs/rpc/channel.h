// Channels to our servers, and the contexts of calls on them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/security/credentials.h"
#include "libs/rpc/status.h"

namespace diego::rpc {

struct ChannelOptions {
  // The name that the server's certificate must carry; default: the host dialled.
  std::string server_name = {};
  absl::Duration keepalive_time = absl::Seconds(10);
  absl::Duration keepalive_timeout = absl::Seconds(22);
  int max_receive_bytes = 1 << 30;
  // Longest pause between two attempts to connect.
  absl::Duration max_reconnect_backoff = absl::Seconds(2);
};

// `address` is "host:port". Connects when first used.
std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const ChannelOptions& options = {});

// Every call has a deadline.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

// Sets the deadline `timeout` from now; infinite only for streams that are meant to stay.
void SetTimeout(grpc::ClientContext* context, absl::Duration timeout);
std::unique_ptr<grpc::ClientContext> MakeContext(absl::Duration timeout = kDefaultDeadline);

// Whether a call may be carried out twice.
enum class Repeat {
  kSafe,    // reading, or the second time changes nothing
  kUnsafe,  // only when the first attempt certainly was not carried out
};

// How the message begins of an UNAVAILABLE that says that the call has not left this process, in
// gRPC's words.
inline constexpr char kNeverSent[] = "failed to connect to all addresses";

// Several addresses of which one serves (an active BBS and its standbys). Stays with the one that
// answered last and moves on when it answers UNAVAILABLE or cannot be reached. Thread-safe.
//
// An address that is a URL is reached by something else than gRPC, and is second best: where gRPC
// can be had again, which is looked at now and then, it is left. What gRPC may have carried out is
// not repeated at a URL, where nobody knows the call again by its request id.
class FailoverChannel {
 public:
  struct Options {
    int rounds = 3;                                       // times through all addresses
    absl::Duration pause = absl::Milliseconds(500);       // between two rounds
    absl::Duration connect_timeout = absl::Seconds(2);    // for one address
    absl::Duration attempt_timeout = absl::Seconds(600);  // for one attempt
    // Opens an address that begins with "https://"; what it returns needs no connection beforehand.
    std::function<std::shared_ptr<grpc::Channel>(const std::string&)> open_url = {};
    absl::Duration look_for_grpc = absl::Seconds(10);  // how often, while at a URL
    // Told the address whenever another one answers than before; within Call, on its thread.
    std::function<void(const std::string&)> answered_by = {};
  };
  // At least one address.
  FailoverChannel(const std::vector<std::string>& addresses,
                  const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                  const ChannelOptions& channel_options, const Options& options);
  ~FailoverChannel();

  size_t size() const;
  const std::shared_ptr<grpc::Channel>& channel(size_t index) const;
  // The address that answered last.
  size_t current() const;
  const std::string& current_address() const;
  // Leaves `failed` for the next address, unless another thread already has.
  void MoveOn(size_t failed);

  // Runs `attempt(context, index)` on one address after the other until it is answered with
  // anything but UNAVAILABLE, all within `timeout`. Blocking.
  absl::Status Call(absl::Duration timeout, Repeat repeat,
                    const std::function<grpc::Status(grpc::ClientContext*, size_t)>& attempt);
  // Cancels the attempts under way and ends the pauses of all calls, which return their last error.
  // Later calls have one round. For shutting down.
  void Cancel();

 private:
  struct State;
  bool IsUrl(size_t index) const;
  bool Connect(size_t index, absl::Duration timeout);
  void LeaveUrl();
  void Answered(size_t index);
  const Options options_;
  std::vector<std::string> addresses_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::unique_ptr<State> state_;
};

}  // namespace diego::rpc
