#include "services/bbs/api/bbs_service.h"

#include <utility>

#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "libs/rpc/trace_id.h"

namespace diego::bbs {

Caller BbsService::CallerOf(const Context& context) const {
  Caller caller{peers_.Of(context), rpc::TraceIdOf(context), {}};
  const auto [begin, end] = context.client_metadata().equal_range(rpc::kRequestIdMetadata);
  for (auto id = begin; id != end; ++id) {
    caller.request_ids.emplace_back(id->second.data(), id->second.size());
  }
  return caller;
}

template <typename Request, typename Response>
BbsService::Unary* BbsService::Serve(Context* context, const Request* request, Response* response,
                                     Method<Request, Response> method) const {
  Unary* reactor = context->DefaultReactor();
  (calls_.*method)(CallerOf(*context), *request, response,
                   [reactor](const absl::Status& status) { reactor->Finish(rpc::ToGrpc(status)); });
  return reactor;
}

BbsService::Unary* BbsService::Ping(Context* context, const PingRequest* request,
                                    models::PingResponse* response) {
  return Serve(context, request, response, &BbsCalls::Ping);
}

BbsService::Unary* BbsService::Domains(Context* context, const DomainsRequest* request,
                                       models::DomainsResponse* response) {
  return Serve(context, request, response, &BbsCalls::Domains);
}

BbsService::Unary* BbsService::DomainByName(Context* context, const DomainByNameRequest* request,
                                            DomainResponse* response) {
  return Serve(context, request, response, &BbsCalls::DomainByName);
}

BbsService::Unary* BbsService::UpsertDomain(Context* context,
                                            const models::UpsertDomainRequest* request,
                                            models::UpsertDomainResponse* response) {
  return Serve(context, request, response, &BbsCalls::UpsertDomain);
}

BbsService::Unary* BbsService::Cells(Context* context, const CellsRequest* request,
                                     models::CellsResponse* response) {
  return Serve(context, request, response, &BbsCalls::Cells);
}

BbsService::Unary* BbsService::CellById(Context* context, const CellByIdRequest* request,
                                        CellResponse* response) {
  return Serve(context, request, response, &BbsCalls::CellById);
}

BbsService::Unary* BbsService::AcceptCellLosses(Context* context,
                                                const AcceptCellLossesRequest* request,
                                                AcceptCellLossesResponse* response) {
  return Serve(context, request, response, &BbsCalls::AcceptCellLosses);
}

BbsService::Unary* BbsService::DesireLRP(Context* context, const models::DesireLRPRequest* request,
                                         models::DesiredLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesireLRP);
}

BbsService::Unary* BbsService::UpdateDesiredLRP(Context* context,
                                                const models::UpdateDesiredLRPRequest* request,
                                                models::DesiredLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::UpdateDesiredLRP);
}

BbsService::Unary* BbsService::RemoveDesiredLRP(Context* context,
                                                const models::RemoveDesiredLRPRequest* request,
                                                models::DesiredLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::RemoveDesiredLRP);
}

BbsService::Unary* BbsService::CancelDesiredLRPUpdate(
    Context* context, const models::CancelDesiredLRPUpdateRequest* request,
    models::DesiredLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::CancelDesiredLRPUpdate);
}

BbsService::Unary* BbsService::RollBackDesiredLRP(Context* context,
                                                  const models::RollBackDesiredLRPRequest* request,
                                                  models::DesiredLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::RollBackDesiredLRP);
}

BbsService::Unary* BbsService::DesiredLRPDefinitions(
    Context* context, const models::DesiredLRPByProcessGuidRequest* request,
    models::DesiredLRPDefinitionsResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPDefinitions);
}

BbsService::Unary* BbsService::DesiredLRPs(Context* context,
                                           const models::DesiredLRPsRequest* request,
                                           models::DesiredLRPsResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPs);
}

BbsService::Unary* BbsService::DesiredLRPByProcessGuid(
    Context* context, const models::DesiredLRPByProcessGuidRequest* request,
    models::DesiredLRPResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPByProcessGuid);
}

BbsService::Unary* BbsService::DesiredLRPSchedulingInfos(
    Context* context, const models::DesiredLRPsRequest* request,
    models::DesiredLRPSchedulingInfosResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPSchedulingInfos);
}

BbsService::Unary* BbsService::DesiredLRPSchedulingInfoByProcessGuid(
    Context* context, const models::DesiredLRPByProcessGuidRequest* request,
    models::DesiredLRPSchedulingInfoByProcessGuidResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPSchedulingInfoByProcessGuid);
}

BbsService::Unary* BbsService::DesiredLRPRoutingInfos(Context* context,
                                                      const models::DesiredLRPsRequest* request,
                                                      models::DesiredLRPsResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesiredLRPRoutingInfos);
}

BbsService::Unary* BbsService::ActualLRPs(Context* context,
                                          const models::ActualLRPsRequest* request,
                                          models::ActualLRPsResponse* response) {
  return Serve(context, request, response, &BbsCalls::ActualLRPs);
}

BbsService::Unary* BbsService::ActualLRPsByProcessGuids(
    Context* context, const models::ActualLRPsByProcessGuidsRequest* request,
    models::ActualLRPsByProcessGuidsResponse* response) {
  return Serve(context, request, response, &BbsCalls::ActualLRPsByProcessGuids);
}

BbsService::Unary* BbsService::ClaimActualLRP(Context* context,
                                              const models::ClaimActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::ClaimActualLRP);
}

BbsService::Unary* BbsService::StartActualLRP(Context* context,
                                              const models::StartActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::StartActualLRP);
}

BbsService::Unary* BbsService::CrashActualLRP(Context* context,
                                              const models::CrashActualLRPRequest* request,
                                              models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::CrashActualLRP);
}

BbsService::Unary* BbsService::FailActualLRP(Context* context,
                                             const models::FailActualLRPRequest* request,
                                             models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::FailActualLRP);
}

BbsService::Unary* BbsService::RemoveActualLRP(Context* context,
                                               const models::RemoveActualLRPRequest* request,
                                               models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::RemoveActualLRP);
}

BbsService::Unary* BbsService::RetireActualLRP(Context* context,
                                               const models::RetireActualLRPRequest* request,
                                               models::ActualLRPLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::RetireActualLRP);
}

BbsService::Unary* BbsService::ExplainLRP(Context* context, const ExplainLRPRequest* request,
                                          ExplainLRPResponse* response) {
  return Serve(context, request, response, &BbsCalls::ExplainLRP);
}

BbsService::Unary* BbsService::PlacementTags(Context* context, const PlacementTagsRequest* request,
                                             PlacementTagsResponse* response) {
  return Serve(context, request, response, &BbsCalls::PlacementTags);
}

BbsService::Unary* BbsService::EvacuateClaimedActualLRP(
    Context* context, const models::EvacuateClaimedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return Serve(context, request, response, &BbsCalls::EvacuateClaimedActualLRP);
}

BbsService::Unary* BbsService::EvacuateRunningActualLRP(
    Context* context, const models::EvacuateRunningActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return Serve(context, request, response, &BbsCalls::EvacuateRunningActualLRP);
}

BbsService::Unary* BbsService::EvacuateStoppedActualLRP(
    Context* context, const models::EvacuateStoppedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return Serve(context, request, response, &BbsCalls::EvacuateStoppedActualLRP);
}

BbsService::Unary* BbsService::EvacuateCrashedActualLRP(
    Context* context, const models::EvacuateCrashedActualLRPRequest* request,
    models::EvacuationResponse* response) {
  return Serve(context, request, response, &BbsCalls::EvacuateCrashedActualLRP);
}

BbsService::Unary* BbsService::RemoveEvacuatingActualLRP(
    Context* context, const models::RemoveEvacuatingActualLRPRequest* request,
    models::RemoveEvacuatingActualLRPResponse* response) {
  return Serve(context, request, response, &BbsCalls::RemoveEvacuatingActualLRP);
}

BbsService::Unary* BbsService::DesireTask(Context* context,
                                          const models::DesireTaskRequest* request,
                                          models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::DesireTask);
}

BbsService::Unary* BbsService::StartTask(Context* context, const models::StartTaskRequest* request,
                                         models::StartTaskResponse* response) {
  return Serve(context, request, response, &BbsCalls::StartTask);
}

BbsService::Unary* BbsService::CancelTask(Context* context, const models::TaskGuidRequest* request,
                                          models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::CancelTask);
}

BbsService::Unary* BbsService::FailTask(Context* context, const models::FailTaskRequest* request,
                                        models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::FailTask);
}

BbsService::Unary* BbsService::RejectTask(Context* context,
                                          const models::RejectTaskRequest* request,
                                          models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::RejectTask);
}

BbsService::Unary* BbsService::CompleteTask(Context* context,
                                            const models::CompleteTaskRequest* request,
                                            models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::CompleteTask);
}

BbsService::Unary* BbsService::ResolvingTask(Context* context,
                                             const models::TaskGuidRequest* request,
                                             models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::ResolvingTask);
}

BbsService::Unary* BbsService::DeleteTask(Context* context, const models::TaskGuidRequest* request,
                                          models::TaskLifecycleResponse* response) {
  return Serve(context, request, response, &BbsCalls::DeleteTask);
}

BbsService::Unary* BbsService::Tasks(Context* context, const models::TasksRequest* request,
                                     models::TasksResponse* response) {
  return Serve(context, request, response, &BbsCalls::Tasks);
}

BbsService::Unary* BbsService::TaskByGuid(Context* context,
                                          const models::TaskByGuidRequest* request,
                                          models::TaskResponse* response) {
  return Serve(context, request, response, &BbsCalls::TaskByGuid);
}

}  // namespace diego::bbs
