#include "services/auctioneer/api/auctioneer_service.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "libs/wire/cell_state.h"

namespace diego::auctioneer {

AuctioneerService::AuctioneerService(AuctionLoop& loop, const Clock& clock,
                                     AuctioneerMetrics& metrics, rpc::PeerRules peers)
    : loop_(loop), clock_(clock), metrics_(metrics), peers_(peers) {}

template <typename Auctions, typename Take>
grpc::ServerUnaryReactor* AuctioneerService::Serve(grpc::CallbackServerContext* context,
                                                   const Auctions& auctions,
                                                   AuctionsResponse* response, Take take) {
  const absl::Duration start = clock_.Monotonic();
  const absl::Status allowed =
      rpc::RequireRole(peers_.Of(*context), {rpc::Role::kBbs, rpc::Role::kOperator});
  const absl::StatusOr<AuctionLoop::Admission> admission =
      allowed.ok() ? take(auctions) : absl::StatusOr<AuctionLoop::Admission>(allowed);
  if (admission.ok()) {
    response->set_accepted(admission->accepted);
    for (const std::string& fault : admission->dropped) response->add_dropped(fault);
  }
  metrics_.RequestAnswered(admission.status(), clock_.Monotonic() - start);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpc(admission.status()));
  return reactor;
}

grpc::ServerUnaryReactor* AuctioneerService::RequestLRPAuctions(
    grpc::CallbackServerContext* context, const LRPAuctionsRequest* request,
    AuctionsResponse* response) {
  return Serve(context, request->auctions(), response, [this](const auto& auctions) {
    std::vector<LrpStartRequest> requests;
    requests.reserve(static_cast<size_t>(auctions.size()));
    for (const diego::LRPAuction& auction : auctions) requests.push_back(wire::FromProto(auction));
    return loop_.RequestLrps(requests);
  });
}

grpc::ServerUnaryReactor* AuctioneerService::RequestTaskAuctions(
    grpc::CallbackServerContext* context, const TaskAuctionsRequest* request,
    AuctionsResponse* response) {
  return Serve(context, request->auctions(), response, [this](const auto& auctions) {
    std::vector<TaskStartRequest> requests;
    requests.reserve(static_cast<size_t>(auctions.size()));
    for (const diego::TaskAuction& auction : auctions) requests.push_back(wire::FromProto(auction));
    return loop_.RequestTasks(requests);
  });
}

}  // namespace diego::auctioneer
