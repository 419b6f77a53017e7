#include "libs/clients/auctioneer_client.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/clients/caller.h"
#include "libs/wire/cell_state.h"
#include "proto/diego/auctioneer.grpc.pb.h"

namespace diego::clients {
namespace {

using Stub = diego::Auctioneer::Stub;

AuctionAnswer FromProto(const AuctionsResponse& response) {
  return {response.accepted(), {response.dropped().begin(), response.dropped().end()}};
}

}  // namespace

struct AuctioneerClient::Impl {
  Impl(const ConnectionOptions& options, std::unique_ptr<rpc::FailoverChannel> channel)
      : caller(options, std::move(channel)) {}
  Caller<diego::Auctioneer> caller;
};

absl::StatusOr<std::unique_ptr<AuctioneerClient>> AuctioneerClient::Create(
    const ConnectionOptions& options) {
  auto channel = MakeFailoverChannel(options);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<AuctioneerClient>(
      new AuctioneerClient(std::make_unique<Impl>(options, *std::move(channel))));
}

AuctioneerClient::AuctioneerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuctioneerClient::~AuctioneerClient() = default;

absl::StatusOr<AuctionAnswer> AuctioneerClient::RequestLrpAuctions(
    const std::vector<LrpStartRequest>& requests) {
  LRPAuctionsRequest proto;
  for (const LrpStartRequest& request : requests) *proto.add_auctions() = wire::ToProto(request);
  AuctionsResponse response;
  DIEGO_RETURN_IF_ERROR(
      impl_->caller.Call(rpc::Repeat::kSafe, &Stub::RequestLRPAuctions, proto, &response));
  return FromProto(response);
}

absl::StatusOr<AuctionAnswer> AuctioneerClient::RequestTaskAuctions(
    const std::vector<TaskStartRequest>& requests) {
  TaskAuctionsRequest proto;
  for (const TaskStartRequest& request : requests) *proto.add_auctions() = wire::ToProto(request);
  AuctionsResponse response;
  DIEGO_RETURN_IF_ERROR(
      impl_->caller.Call(rpc::Repeat::kSafe, &Stub::RequestTaskAuctions, proto, &response));
  return FromProto(response);
}

void AuctioneerClient::Cancel() { impl_->caller.channel().Cancel(); }

}  // namespace diego::clients
