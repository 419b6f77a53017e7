#include "services/auctioneer/api/auctioneer_service.h"

#include <string>
#include <vector>

#include "libs/rpc/status.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/cell_state.h"

namespace diego::auctioneer {
namespace {

template <typename Request, typename Auctions>
std::vector<Request> RequestsOf(const Auctions& auctions) {
  std::vector<Request> requests;
  requests.reserve(static_cast<size_t>(auctions.size()));
  for (const auto& auction : auctions) requests.push_back(wire::FromProto(auction));
  return requests;
}

Caller CallerOf(const grpc::CallbackServerContext& context) {
  return {rpc::IdentityOf(context), rpc::TraceIdOf(context)};
}

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context,
                                 const absl::StatusOr<AuctionLoop::Admission>& admission,
                                 AuctionsResponse* response) {
  if (admission.ok()) {
    response->set_accepted(admission->accepted);
    for (const std::string& fault : admission->dropped) response->add_dropped(fault);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpc(admission.status()));
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* AuctioneerService::RequestLRPAuctions(
    grpc::CallbackServerContext* context, const LRPAuctionsRequest* request,
    AuctionsResponse* response) {
  const auto requests = RequestsOf<LrpStartRequest>(request->auctions());
  return Finish(context, calls_.RequestLrps(CallerOf(*context), requests), response);
}

grpc::ServerUnaryReactor* AuctioneerService::RequestTaskAuctions(
    grpc::CallbackServerContext* context, const TaskAuctionsRequest* request,
    AuctionsResponse* response) {
  const auto requests = RequestsOf<TaskStartRequest>(request->auctions());
  return Finish(context, calls_.RequestTasks(CallerOf(*context), requests), response);
}

}  // namespace diego::auctioneer
