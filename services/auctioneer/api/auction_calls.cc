#include "services/auctioneer/api/auction_calls.h"

namespace diego::auctioneer {

template <typename Requests, typename Take>
absl::StatusOr<AuctionLoop::Admission> AuctionCalls::Run(const Caller& caller,
                                                         const Requests& requests, Take take) {
  const absl::Duration start = clock_.Monotonic();
  absl::Status refused =
      rpc::RequireRole(peers_.Judge(caller.peer), {rpc::Role::kBbs, rpc::Role::kOperator});
  if (refused.ok()) refused = requests.status();
  const absl::StatusOr<AuctionLoop::Admission> admission =
      refused.ok() ? take(*requests) : absl::StatusOr<AuctionLoop::Admission>(refused);
  metrics_.RequestAnswered(admission.status(), clock_.Monotonic() - start);
  Log(caller, admission);
  return admission;
}

void AuctionCalls::Log(const Caller& caller,
                       const absl::StatusOr<AuctionLoop::Admission>& admission) const {
  if (!admission.ok()) {
    log_.Debug("refused", {{"trace_id", caller.trace_id}, {"error", admission.status()}});
    return;
  }
  for (const std::string& fault : admission->dropped) {
    log_.Info("dropped-request", {{"fault", fault}, {"trace_id", caller.trace_id}});
  }
  log_.Debug("submitted", {{"accepted", admission->accepted}, {"trace_id", caller.trace_id}});
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestLrps(
    const Caller& caller, const absl::StatusOr<std::vector<LrpStartRequest>>& requests) {
  return Run(caller, requests, [this](const auto& given) { return loop_.RequestLrps(given); });
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestTasks(
    const Caller& caller, const absl::StatusOr<std::vector<TaskStartRequest>>& requests) {
  return Run(caller, requests, [this](const auto& given) { return loop_.RequestTasks(given); });
}

}  // namespace diego::auctioneer
