// Calls on actual LRPs and evacuation.
#include "libs/wire/actual_lrp.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

ActualLrpFilter FilterOf(const models::ActualLRPsRequest& request) {
  ActualLrpFilter filter{Domain(request.domain()), CellId(request.cell_id()),
                         ProcessGuid(request.process_guid()), std::nullopt};
  if (request.optional_index_case() != models::ActualLRPsRequest::OPTIONAL_INDEX_NOT_SET) {
    filter.index = request.index();
  }
  return filter;
}

template <typename Response>
absl::Status Add(const ActualLrp& lrp, Response* response) {
  *response->add_actual_lrps() = wire::ToProto(lrp);
  return absl::OkStatus();
}

std::function<void(const Reply&)> KeepContainerOf(models::EvacuationResponse* response) {
  return [response](const Reply& reply) { response->set_keep_container(reply.keep_container); };
}

}  // namespace

BbsService::Unary* BbsService::ActualLRPs(Context* context,
                                          const models::ActualLRPsRequest* request,
                                          models::ActualLRPsResponse* response) {
  const Answer answer(*this, BbsCall::kActualLRPs, context);
  const TermOr term = Enter(*context, BbsCall::kActualLRPs);
  if (!term.ok()) return answer.Send(term.status());
  return answer.Send(FillList((*term)->view().ActualLrps(FilterOf(*request)),
                              Add<models::ActualLRPsResponse>, response));
}

BbsService::Unary* BbsService::ActualLRPsByProcessGuids(
    Context* context, const models::ActualLRPsByProcessGuidsRequest* request,
    models::ActualLRPsByProcessGuidsResponse* response) {
  const Answer answer(*this, BbsCall::kActualLRPsByProcessGuids, context);
  const TermOr term = EnterWith(*context, BbsCall::kActualLRPsByProcessGuids, *request);
  if (!term.ok()) return answer.Send(term.status());
  std::vector<ProcessGuid> guids;
  for (const std::string& guid : request->process_guids()) guids.emplace_back(guid);
  return answer.Send(FillList((*term)->view().ActualLrpsOf(guids),
                              Add<models::ActualLRPsByProcessGuidsResponse>, response));
}

BbsService::Stream<models::ActualLRPsResponse>* BbsService::StreamActualLRPs(
    Context* context, const models::ActualLRPsRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kStreamActualLRPs);
  const TermOr term = Enter(*context, BbsCall::kStreamActualLRPs);
  absl::StatusOr<Listing<ActualLrp>> listing =
      term.ok() ? (*term)->view().ActualLrps(FilterOf(*request)) : term.status();
  return StreamList(std::move(listing), Add<models::ActualLRPsResponse>, std::move(done));
}

BbsService::Unary* BbsService::ClaimActualLRP(Context* context,
                                              const models::ClaimActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse*) {
  return RunForCell(context, BbsCall::kClaimActualLRP, *request);
}

BbsService::Unary* BbsService::StartActualLRP(Context* context,
                                              const models::StartActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse*) {
  return RunForCell(context, BbsCall::kStartActualLRP, *request);
}

BbsService::Unary* BbsService::CrashActualLRP(Context* context,
                                              const models::CrashActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse*) {
  return RunForCell(context, BbsCall::kCrashActualLRP, *request);
}

BbsService::Unary* BbsService::FailActualLRP(Context* context,
                                             const models::FailActualLRPRequest* request,
                                             models::ActualLRPLifecycleResponse*) {
  return RunSimply(context, BbsCall::kFailActualLRP, *request);
}

BbsService::Unary* BbsService::RemoveActualLRP(Context* context,
                                               const models::RemoveActualLRPRequest* request,
                                               models::ActualLRPLifecycleResponse*) {
  // A cell must name its instance: without, it would speak for whoever holds the index.
  return RunForCell(context, BbsCall::kRemoveActualLRP, *request);
}

BbsService::Unary* BbsService::RetireActualLRP(Context* context,
                                               const models::RetireActualLRPRequest* request,
                                               models::ActualLRPLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kRetireActualLRP, context);
  const TermOr term = EnterWith(*context, BbsCall::kRetireActualLRP, *request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, *request, ToCommand(*request, (*term)->live_cells()));
}

BbsService::Unary* BbsService::EvacuateClaimedActualLRP(
    Context* context, const models::EvacuateClaimedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return RunForCell(context, BbsCall::kEvacuateClaimedActualLRP, *request,
                    KeepContainerOf(response));
}

BbsService::Unary* BbsService::EvacuateRunningActualLRP(
    Context* context, const models::EvacuateRunningActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return RunForCell(context, BbsCall::kEvacuateRunningActualLRP, *request,
                    KeepContainerOf(response));
}

BbsService::Unary* BbsService::EvacuateStoppedActualLRP(
    Context* context, const models::EvacuateStoppedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return RunForCell(context, BbsCall::kEvacuateStoppedActualLRP, *request,
                    KeepContainerOf(response));
}

BbsService::Unary* BbsService::EvacuateCrashedActualLRP(
    Context* context, const models::EvacuateCrashedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return RunForCell(context, BbsCall::kEvacuateCrashedActualLRP, *request,
                    KeepContainerOf(response));
}

BbsService::Unary* BbsService::RemoveEvacuatingActualLRP(
    Context* context, const models::RemoveEvacuatingActualLRPRequest* request,
    models::RemoveEvacuatingActualLRPResponse*) {
  return RunForCell(context, BbsCall::kRemoveEvacuatingActualLRP, *request);
}

}  // namespace diego::bbs
