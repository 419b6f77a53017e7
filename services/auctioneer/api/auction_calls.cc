#include "services/auctioneer/api/auction_calls.h"

namespace diego::auctioneer {
namespace {

void Log(const log::Logger& log, const Caller& caller,
         const absl::StatusOr<AuctionLoop::Admission>& admission) {
  if (!admission.ok()) {
    log.Debug("refused", {{"trace_id", caller.trace_id}, {"error", admission.status()}});
    return;
  }
  for (const std::string& fault : admission->dropped) {
    log.Info("dropped-request", {{"fault", fault}, {"trace_id", caller.trace_id}});
  }
  log.Debug("submitted", {{"accepted", admission->accepted}, {"trace_id", caller.trace_id}});
}

}  // namespace

template <typename Requests, typename Take>
absl::StatusOr<AuctionLoop::Admission> AuctionCalls::Run(const Caller& caller,
                                                         const Requests& requests,
                                                         const log::Logger& log, Take take) {
  const absl::Duration start = clock_.Monotonic();
  absl::Status refused =
      rpc::RequireRole(peers_.Judge(caller.peer), {rpc::Role::kBbs, rpc::Role::kOperator});
  if (refused.ok()) refused = requests.status();
  const absl::StatusOr<AuctionLoop::Admission> admission =
      refused.ok() ? take(*requests) : absl::StatusOr<AuctionLoop::Admission>(refused);
  metrics_.RequestAnswered(admission.status(), clock_.Monotonic() - start);
  Log(log, caller, admission);
  return admission;
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestLrps(
    const Caller& caller, const absl::StatusOr<std::vector<LrpStartRequest>>& requests) {
  return Run(caller, requests, lrp_log_,
             [this](const auto& given) { return loop_.RequestLrps(given); });
}

absl::StatusOr<AuctionLoop::Admission> AuctionCalls::RequestTasks(
    const Caller& caller, const absl::StatusOr<std::vector<TaskStartRequest>>& requests) {
  return Run(caller, requests, task_log_,
             [this](const auto& given) { return loop_.RequestTasks(given); });
}

}  // namespace diego::auctioneer
