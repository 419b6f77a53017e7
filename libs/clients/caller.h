// Caller<Service>: stubs of one service on a failover channel. Internal to libs/clients.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/random.h"
#include "libs/clients/connection.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/tls.h"
#include "libs/rpc/trace_id.h"

namespace diego::clients {

rpc::ChannelOptions ChannelOptionsOf(const ConnectionOptions& options);

// See libs/rpc/channel.h.
struct FailoverHooks {
  // For services that can be had by URLs, too.
  std::function<std::shared_ptr<grpc::Channel>(const std::string&)> open_url = {};
  std::function<void(const std::string&)> answered_by = {};
};

// InvalidArgument for the TLS files or for no address.
absl::StatusOr<std::unique_ptr<rpc::FailoverChannel>> MakeFailoverChannel(
    const ConnectionOptions& options, FailoverHooks hooks = {});

// Thread-safe.
template <typename Service>
class Caller {
 public:
  using Stub = typename Service::Stub;

  Caller(const ConnectionOptions& options, std::unique_ptr<rpc::FailoverChannel> channel)
      : options_(options), channel_(std::move(channel)) {
    for (size_t i = 0; i < channel_->size(); ++i) {
      stubs_.push_back(Service::NewStub(channel_->channel(i)));
    }
  }

  // One unary call; `response` is unspecified unless OK.
  template <typename Request, typename Response>
  absl::Status Call(rpc::Repeat repeat,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, absl::string_view trace_id = "") {
    return channel_->Call(options_.timeout, repeat,
                          [&](grpc::ClientContext* context, size_t index) {
                            rpc::SetTraceId(context, trace_id);
                            return (stubs_[index].get()->*method)(context, request, response);
                          });
  }

  // A call that changes something: carried out once, however often it is sent, by its request id.
  // An empty one becomes a new one. See libs/rpc/request_id.h.
  template <typename Request, typename Response>
  absl::Status CallOnce(absl::string_view request_id,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, Response* response) {
    const std::string id = request_id.empty() ? RandomUuid() : std::string(request_id);
    return channel_->Call(options_.timeout, rpc::Repeat::kSafe,
                          [&](grpc::ClientContext* context, size_t index) {
                            context->AddMetadata(rpc::kRequestIdMetadata, id);
                            return (stubs_[index].get()->*method)(context, request, response);
                          });
  }

  // A list in chunks: `take(chunk)` is called for each; `restart()` before every attempt, since
  // one may break half-way.
  template <typename Request, typename Chunk, typename Restart, typename Take>
  absl::Status List(std::unique_ptr<grpc::ClientReader<Chunk>> (Stub::*method)(grpc::ClientContext*,
                                                                               const Request&),
                    const Request& request, Restart restart, Take take) {
    return channel_->Call(options_.list_timeout, rpc::Repeat::kSafe,
                          [&](grpc::ClientContext* context, size_t index) {
                            restart();
                            auto reader = (stubs_[index].get()->*method)(context, request);
                            Chunk chunk;
                            while (reader->Read(&chunk)) take(chunk);
                            return reader->Finish();
                          });
  }

  rpc::FailoverChannel& channel() { return *channel_; }
  Stub& stub(size_t index) { return *stubs_[index]; }

 private:
  const ConnectionOptions options_;
  std::unique_ptr<rpc::FailoverChannel> channel_;
  std::vector<std::unique_ptr<Stub>> stubs_;
};

}  // namespace diego::clients
