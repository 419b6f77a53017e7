// Calls on desired LRPs.
#include "libs/wire/desired_lrp.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

DesiredLrpFilter FilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter;
  filter.domain = Domain(request.domain());
  for (const std::string& guid : request.process_guids()) filter.process_guids.emplace_back(guid);
  filter.app_guids.assign(request.app_guids().begin(), request.app_guids().end());
  return filter;
}

// Some forms honour a part of the filter only. Source: reference/bbs-http-api.md "Routes".
DesiredLrpFilter SchedulingFilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = FilterOf(request);
  filter.app_guids.clear();
  return filter;
}
DesiredLrpFilter RoutingFilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = SchedulingFilterOf(request);
  filter.domain = Domain();
  return filter;
}

absl::Status AddWhole(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_desired_lrps(), wire::ToProto(lrp));
  return absl::OkStatus();
}
absl::Status AddRouting(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  *response->add_desired_lrps() = wire::ToRoutingInfoProto(lrp);
  return absl::OkStatus();
}
absl::Status AddScheduling(const DesiredLrp& lrp,
                           models::DesiredLRPSchedulingInfosResponse* response) {
  *response->add_desired_lrp_scheduling_infos() = wire::ToSchedulingInfoProto(lrp);
  return absl::OkStatus();
}

absl::StatusOr<Listing<DesiredLrp>> List(const absl::StatusOr<std::shared_ptr<Term>>& term,
                                         const DesiredLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(term.status());
  return (*term)->view().DesiredLrps(filter);
}

}  // namespace

BbsService::Unary* BbsService::DesireLRP(Context* context, const models::DesireLRPRequest* request,
                                         models::DesiredLRPLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kDesireLRP, context);
  const TermOr term = EnterWith(*context, BbsCall::kDesireLRP, *request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, *request, ToCommand(*request, clock_.Now()));
}

BbsService::Unary* BbsService::UpdateDesiredLRP(Context* context,
                                                const models::UpdateDesiredLRPRequest* request,
                                                models::DesiredLRPLifecycleResponse*) {
  return RunSimply(context, BbsCall::kUpdateDesiredLRP, *request);
}

BbsService::Unary* BbsService::RemoveDesiredLRP(Context* context,
                                                const models::RemoveDesiredLRPRequest* request,
                                                models::DesiredLRPLifecycleResponse*) {
  return RunSimply(context, BbsCall::kRemoveDesiredLRP, *request);
}

BbsService::Unary* BbsService::DesiredLRPByProcessGuid(
    Context* context, const models::DesiredLRPByProcessGuidRequest* request,
    models::DesiredLRPResponse* response) {
  const Answer answer(*this, BbsCall::kDesiredLRPByProcessGuid, context);
  const TermOr term = EnterWith(*context, BbsCall::kDesiredLRPByProcessGuid, *request);
  if (!term.ok()) return answer.Send(term.status());
  const auto record = (*term)->view().FindDesiredLrp(ProcessGuid(request->process_guid()));
  if (!record.ok()) return answer.Send(record.status());
  absl::StatusOr<models::DesiredLRP> proto = wire::ToProto(**record);
  if (proto.ok()) *response->mutable_desired_lrp() = *std::move(proto);
  return answer.Send(proto.status());
}

BbsService::Unary* BbsService::DesiredLRPs(Context* context,
                                           const models::DesiredLRPsRequest* request,
                                           models::DesiredLRPsResponse* response) {
  const Answer answer(*this, BbsCall::kDesiredLRPs, context);
  const TermOr term = Enter(*context, BbsCall::kDesiredLRPs);
  return answer.Send(FillList(List(term, FilterOf(*request)), AddWhole, response));
}

BbsService::Unary* BbsService::DesiredLRPSchedulingInfos(
    Context* context, const models::DesiredLRPsRequest* request,
    models::DesiredLRPSchedulingInfosResponse* response) {
  const Answer answer(*this, BbsCall::kDesiredLRPSchedulingInfos, context);
  const TermOr term = Enter(*context, BbsCall::kDesiredLRPSchedulingInfos);
  return answer.Send(FillList(List(term, SchedulingFilterOf(*request)), AddScheduling, response));
}

BbsService::Unary* BbsService::DesiredLRPRoutingInfos(Context* context,
                                                      const models::DesiredLRPsRequest* request,
                                                      models::DesiredLRPsResponse* response) {
  const Answer answer(*this, BbsCall::kDesiredLRPRoutingInfos, context);
  const TermOr term = Enter(*context, BbsCall::kDesiredLRPRoutingInfos);
  return answer.Send(FillList(List(term, RoutingFilterOf(*request)), AddRouting, response));
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPs(
    Context* context, const models::DesiredLRPsRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kStreamDesiredLRPs);
  const TermOr term = Enter(*context, BbsCall::kStreamDesiredLRPs);
  return StreamList(List(term, FilterOf(*request)), AddWhole, std::move(done));
}

BbsService::Stream<models::DesiredLRPSchedulingInfosResponse>*
BbsService::StreamDesiredLRPSchedulingInfos(Context* context,
                                            const models::DesiredLRPsRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kStreamDesiredLRPSchedulingInfos);
  const TermOr term = Enter(*context, BbsCall::kStreamDesiredLRPSchedulingInfos);
  return StreamList(List(term, SchedulingFilterOf(*request)), AddScheduling, std::move(done));
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPRoutingInfos(
    Context* context, const models::DesiredLRPsRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kStreamDesiredLRPRoutingInfos);
  const TermOr term = Enter(*context, BbsCall::kStreamDesiredLRPRoutingInfos);
  return StreamList(List(term, RoutingFilterOf(*request)), AddRouting, std::move(done));
}

}  // namespace diego::bbs
