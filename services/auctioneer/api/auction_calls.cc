#include "services/auctioneer/api/auction_calls.h"

namespace diego::auctioneer {

template <typename Requests, typename Take>
absl::StatusOr<AuctionLoop::Admission> AuctionCalls::Run(const rpc::PeerIdentity& peer,
                                                         const Requests& requests, Take take) {
  const absl::Duration start = clock_.Monotonic();
  absl::Status refused =
      rpc::RequireRole(peers_.Judge(peer), {rpc::Role::kBbs, rpc::Role::kOperator});
  if (refused.ok()) refused = requests.status();
  const absl::StatusOr<AuctionLoop::Admission> admission =
      refused.ok() ? take(*requests) : absl::StatusOr<AuctionLoop::Admission>(refused);
  metrics_.RequestAnswered(admission.status(), clock_.Monotonic() - start);
  return admission;
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestLrps(
    const rpc::PeerIdentity& peer, const absl::StatusOr<std::vector<LrpStartRequest>>& requests) {
  return Run(peer, requests, [this](const auto& given) { return loop_.RequestLrps(given); });
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestTasks(
    const rpc::PeerIdentity& peer, const absl::StatusOr<std::vector<TaskStartRequest>>& requests) {
  return Run(peer, requests, [this](const auto& given) { return loop_.RequestTasks(given); });
}

}  // namespace diego::auctioneer
