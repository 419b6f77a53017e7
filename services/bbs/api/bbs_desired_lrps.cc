// Calls on desired LRPs.
#include "libs/wire/desired_lrp.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/listings.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

absl::StatusOr<Listing<DesiredLrp>> List(const absl::StatusOr<std::shared_ptr<Term>>& term,
                                         const DesiredLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(term.status());
  return (*term)->view().DesiredLrps(filter);
}

}  // namespace

void BbsCalls::DesireLRP(const Caller& caller, const models::DesireLRPRequest& request,
                         models::DesiredLRPLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesireLRP, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesireLRP, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request, ToCommand(request, clock_.Now()));
}

void BbsCalls::UpdateDesiredLRP(const Caller& caller,
                                const models::UpdateDesiredLRPRequest& request,
                                models::DesiredLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kUpdateDesiredLRP, request, std::move(finish));
}

void BbsCalls::RemoveDesiredLRP(const Caller& caller,
                                const models::RemoveDesiredLRPRequest& request,
                                models::DesiredLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kRemoveDesiredLRP, request, std::move(finish));
}

void BbsCalls::DesiredLRPByProcessGuid(const Caller& caller,
                                       const models::DesiredLRPByProcessGuidRequest& request,
                                       models::DesiredLRPResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPByProcessGuid, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesiredLRPByProcessGuid, request);
  if (!term.ok()) return answer.Send(term.status());
  const auto record = (*term)->view().FindDesiredLrp(ProcessGuid(request.process_guid()));
  if (!record.ok()) return answer.Send(record.status());
  absl::StatusOr<models::DesiredLRP> proto = wire::ToProto(**record);
  if (proto.ok()) *response->mutable_desired_lrp() = *std::move(proto);
  return answer.Send(proto.status());
}

void BbsCalls::DesiredLRPs(const Caller& caller, const models::DesiredLRPsRequest& request,
                           models::DesiredLRPsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPs, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kDesiredLRPs);
  return answer.Send(FillList(List(term, FilterOf(request)), AddWhole, response));
}

void BbsCalls::DesiredLRPSchedulingInfos(const Caller& caller,
                                         const models::DesiredLRPsRequest& request,
                                         models::DesiredLRPSchedulingInfosResponse* response,
                                         Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPSchedulingInfos, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kDesiredLRPSchedulingInfos);
  return answer.Send(FillList(List(term, SchedulingFilterOf(request)), AddScheduling, response));
}

void BbsCalls::DesiredLRPSchedulingInfoByProcessGuid(
    const Caller& caller, const models::DesiredLRPByProcessGuidRequest& request,
    models::DesiredLRPSchedulingInfoByProcessGuidResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPSchedulingInfos, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesiredLRPSchedulingInfos, request);
  if (!term.ok()) return answer.Send(term.status());
  const auto record = (*term)->view().FindDesiredLrp(ProcessGuid(request.process_guid()));
  if (record.ok()) {
    *response->mutable_desired_lrp_scheduling_info() = wire::ToSchedulingInfoProto(**record);
  }
  return answer.Send(record.status());
}

void BbsCalls::DesiredLRPRoutingInfos(const Caller& caller,
                                      const models::DesiredLRPsRequest& request,
                                      models::DesiredLRPsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPRoutingInfos, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kDesiredLRPRoutingInfos);
  return answer.Send(FillList(List(term, RoutingFilterOf(request)), AddRouting, response));
}

}  // namespace diego::bbs
