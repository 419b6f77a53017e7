#include "libs/clients/auctioneer_client.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/caller.h"
#include "libs/clients/http_json.h"
#include "libs/http_client/client.h"
#include "libs/rpc/tls.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/cell_json.h"
#include "libs/wire/cell_state.h"
#include "proto/diego/auctioneer.grpc.pb.h"

namespace diego::clients {
namespace {

using Stub = diego::Auctioneer::Stub;
using LrpRequests = std::vector<LrpStartRequest>;
using TaskRequests = std::vector<TaskStartRequest>;

constexpr size_t kMostHttpRequests = 100;

AuctionAnswer FromProto(const AuctionsResponse& response) {
  return {response.accepted(), {response.dropped().begin(), response.dropped().end()}};
}

}  // namespace

struct AuctioneerClient::Impl {
  virtual ~Impl() = default;
  virtual absl::StatusOr<AuctionAnswer> Request(const LrpRequests& requests,
                                                const std::string& trace_id) = 0;
  virtual absl::StatusOr<AuctionAnswer> Request(const TaskRequests& requests,
                                                const std::string& trace_id) = 0;
  virtual void Cancel() = 0;
};

struct AuctioneerClient::GrpcImpl final : Impl {
  GrpcImpl(const ConnectionOptions& options, std::unique_ptr<rpc::FailoverChannel> channel)
      : caller(options, std::move(channel)) {}

  template <typename Message, typename Requests>
  absl::StatusOr<AuctionAnswer> Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                  const Message&,
                                                                  AuctionsResponse*),
                                     const Requests& requests, const std::string& trace_id) {
    Message proto;
    for (const auto& request : requests) *proto.add_auctions() = wire::ToProto(request);
    AuctionsResponse response;
    DIEGO_RETURN_IF_ERROR(caller.Call(rpc::Repeat::kSafe, method, proto, &response, trace_id));
    return FromProto(response);
  }
  absl::StatusOr<AuctionAnswer> Request(const LrpRequests& requests,
                                        const std::string& trace_id) override {
    return Call(&Stub::RequestLRPAuctions, requests, trace_id);
  }
  absl::StatusOr<AuctionAnswer> Request(const TaskRequests& requests,
                                        const std::string& trace_id) override {
    return Call(&Stub::RequestTaskAuctions, requests, trace_id);
  }
  void Cancel() override { caller.channel().Cancel(); }

  Caller<diego::Auctioneer> caller;
};

// Only the auctioneer that holds the lock listens: the others are passed over.
struct AuctioneerClient::HttpImpl final : Impl {
  explicit HttpImpl(const ConnectionOptions& given) : options(given), http(kMostHttpRequests) {}

  absl::StatusOr<AuctionAnswer> Post(const std::string& path, const std::string& body, size_t count,
                                     const std::string& trace_id) {
    const absl::Duration deadline = RealClock().Monotonic() + options.timeout;
    absl::Status status = absl::CancelledError("the client is shutting down");
    for (size_t tries = 0; tries < options.addresses.size() && !cancelled; ++tries) {
      const absl::Duration left = deadline - RealClock().Monotonic();
      if (left <= absl::ZeroDuration()) break;
      const size_t at = current;
      http_client::Request request;
      request.method = "POST";
      request.url = absl::StrCat("https://", options.addresses[at], path);
      request.headers = {"Content-Type: application/json"};
      if (!trace_id.empty()) {
        request.headers.push_back(absl::StrCat(rpc::kTraceHeader, ": ", trace_id));
      }
      request.body = body;
      request.tls = TlsOf(options.tls, options.server_name);
      request.timeout = left;
      request.connect_timeout = options.connect_timeout;
      request.direct = true;
      status = RequireAccepted(http.Run(std::move(request)));
      if (status.ok()) return AuctionAnswer{static_cast<int32_t>(count), {}};
      current = (at + 1) % options.addresses.size();
    }
    return status;
  }
  absl::StatusOr<AuctionAnswer> Request(const LrpRequests& requests,
                                        const std::string& trace_id) override {
    return Post("/v1/lrps", wire::LrpStartsToJson(requests), requests.size(), trace_id);
  }
  absl::StatusOr<AuctionAnswer> Request(const TaskRequests& requests,
                                        const std::string& trace_id) override {
    return Post("/v1/tasks", wire::TaskStartsToJson(requests), requests.size(), trace_id);
  }
  void Cancel() override { cancelled = true; }

  const ConnectionOptions options;
  http_client::Client http;
  std::atomic<size_t> current{0};
  std::atomic<bool> cancelled{false};
};

absl::StatusOr<std::unique_ptr<AuctioneerClient>> AuctioneerClient::Create(
    const ConnectionOptions& options) {
  auto channel = MakeFailoverChannel(options);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<AuctioneerClient>(
      new AuctioneerClient(std::make_unique<GrpcImpl>(options, *std::move(channel))));
}

absl::StatusOr<std::unique_ptr<AuctioneerClient>> AuctioneerClient::CreateHttp(
    const ConnectionOptions& options) {
  if (options.addresses.empty()) {
    return absl::InvalidArgumentError("no address is given to connect to");
  }
  DIEGO_RETURN_IF_ERROR(rpc::CheckTlsFiles(options.tls, RealClock().Now()));
  return std::unique_ptr<AuctioneerClient>(
      new AuctioneerClient(std::make_unique<HttpImpl>(options)));
}

AuctioneerClient::AuctioneerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuctioneerClient::~AuctioneerClient() = default;

absl::StatusOr<AuctionAnswer> AuctioneerClient::RequestLrpAuctions(const LrpRequests& requests,
                                                                   const std::string& trace_id) {
  return impl_->Request(requests, trace_id);
}

absl::StatusOr<AuctionAnswer> AuctioneerClient::RequestTaskAuctions(const TaskRequests& requests,
                                                                    const std::string& trace_id) {
  return impl_->Request(requests, trace_id);
}

void AuctioneerClient::Cancel() { impl_->Cancel(); }

}  // namespace diego::clients
