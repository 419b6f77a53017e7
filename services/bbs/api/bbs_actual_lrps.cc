// Calls on actual LRPs and evacuation.
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

std::function<void(const Reply&)> KeepContainerOf(models::EvacuationResponse* response) {
  return [response](const Reply& reply) { response->set_keep_container(reply.keep_container); };
}

}  // namespace

void BbsCalls::ActualLRPs(const Caller& caller, const models::ActualLRPsRequest& request,
                          models::ActualLRPsResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kActualLRPs, kActualLrpList, request, response,
                    std::move(finish));
}

void BbsCalls::ActualLRPsByProcessGuids(const Caller& caller,
                                        const models::ActualLRPsByProcessGuidsRequest& request,
                                        models::ActualLRPsByProcessGuidsResponse* response,
                                        Finish finish) const {
  return AnswerList(caller, BbsCall::kActualLRPsByProcessGuids, kActualLrpsByProcessGuidsList,
                    request, response, std::move(finish));
}

void BbsCalls::ClaimActualLRP(const Caller& caller, const models::ClaimActualLRPRequest& request,
                              models::ActualLRPLifecycleResponse*, Finish finish) const {
  return RunForCell(caller, BbsCall::kClaimActualLRP, request, std::move(finish));
}

void BbsCalls::StartActualLRP(const Caller& caller, const models::StartActualLRPRequest& request,
                              models::ActualLRPLifecycleResponse*, Finish finish) const {
  return RunForCell(caller, BbsCall::kStartActualLRP, request, std::move(finish));
}

void BbsCalls::CrashActualLRP(const Caller& caller, const models::CrashActualLRPRequest& request,
                              models::ActualLRPLifecycleResponse*, Finish finish) const {
  return RunForCell(caller, BbsCall::kCrashActualLRP, request, std::move(finish));
}

void BbsCalls::FailActualLRP(const Caller& caller, const models::FailActualLRPRequest& request,
                             models::ActualLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kFailActualLRP, request, std::move(finish));
}

void BbsCalls::RemoveActualLRP(const Caller& caller, const models::RemoveActualLRPRequest& request,
                               models::ActualLRPLifecycleResponse*, Finish finish) const {
  // A cell must name its instance: without, it would speak for whoever holds the index.
  return RunForCell(caller, BbsCall::kRemoveActualLRP, request, std::move(finish));
}

void BbsCalls::RetireActualLRP(const Caller& caller, const models::RetireActualLRPRequest& request,
                               models::ActualLRPLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kRetireActualLRP, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kRetireActualLRP, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request, ToCommand(request, (*term)->live_cells()));
}

void BbsCalls::EvacuateClaimedActualLRP(const Caller& caller,
                                        const models::EvacuateClaimedActualLRPRequest& request,
                                        models::EvacuationResponse* response, Finish finish) const {
  return RunForCell(caller, BbsCall::kEvacuateClaimedActualLRP, request, std::move(finish),
                    KeepContainerOf(response));
}

void BbsCalls::EvacuateRunningActualLRP(const Caller& caller,
                                        const models::EvacuateRunningActualLRPRequest& request,
                                        models::EvacuationResponse* response, Finish finish) const {
  return RunForCell(caller, BbsCall::kEvacuateRunningActualLRP, request, std::move(finish),
                    KeepContainerOf(response));
}

void BbsCalls::EvacuateStoppedActualLRP(const Caller& caller,
                                        const models::EvacuateStoppedActualLRPRequest& request,
                                        models::EvacuationResponse* response, Finish finish) const {
  return RunForCell(caller, BbsCall::kEvacuateStoppedActualLRP, request, std::move(finish),
                    KeepContainerOf(response));
}

void BbsCalls::EvacuateCrashedActualLRP(const Caller& caller,
                                        const models::EvacuateCrashedActualLRPRequest& request,
                                        models::EvacuationResponse* response, Finish finish) const {
  return RunForCell(caller, BbsCall::kEvacuateCrashedActualLRP, request, std::move(finish),
                    KeepContainerOf(response));
}

void BbsCalls::RemoveEvacuatingActualLRP(const Caller& caller,
                                         const models::RemoveEvacuatingActualLRPRequest& request,
                                         models::RemoveEvacuatingActualLRPResponse*,
                                         Finish finish) const {
  return RunForCell(caller, BbsCall::kRemoveEvacuatingActualLRP, request, std::move(finish));
}

}  // namespace diego::bbs
