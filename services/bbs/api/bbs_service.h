// diego.Bbs on gRPC: the calls of bbs_calls.h, and what gRPC alone has: lists and events in
// streams. Refusals are canonical codes with the models.Error in their details. No method blocks.
#pragma once

#include <functional>
#include <memory>

#include "libs/rpc/identity.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "services/bbs/api/bbs_calls.h"

namespace diego::bbs {

// Thread-safe.
class BbsService final : public Bbs::CallbackService {
 public:
  // The calls outlive the service.
  BbsService(const BbsCalls& calls, const rpc::PeerRules& peers) : calls_(calls), peers_(peers) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  template <typename Response>
  using Stream = grpc::ServerWriteReactor<Response>;
  template <typename Request, typename Response>
  using Method = void (BbsCalls::*)(const Caller&, const Request&, Response*,
                                    BbsCalls::Finish) const;

  template <typename Request, typename Response>
  Unary* Serve(Context* context, const Request* request, Response* response,
               Method<Request, Response> method) const;
  template <typename Request, typename R, typename Response>
  Stream<Response>* ServeList(Context* context, BbsCall call,
                              const ListForm<Request, R, Response>& form,
                              const Request& request) const;
  Caller CallerOf(const Context& context) const;

  Unary* Ping(Context*, const PingRequest*, models::PingResponse*) override;
  Unary* Domains(Context*, const DomainsRequest*, models::DomainsResponse*) override;
  Unary* DomainByName(Context*, const DomainByNameRequest*, DomainResponse*) override;
  Unary* UpsertDomain(Context*, const models::UpsertDomainRequest*,
                      models::UpsertDomainResponse*) override;
  Unary* Cells(Context*, const CellsRequest*, models::CellsResponse*) override;
  Unary* CellById(Context*, const CellByIdRequest*, CellResponse*) override;
  Unary* AcceptCellLosses(Context*, const AcceptCellLossesRequest*,
                          AcceptCellLossesResponse*) override;
  Unary* DesireLRP(Context*, const models::DesireLRPRequest*,
                   models::DesiredLRPLifecycleResponse*) override;
  Unary* UpdateDesiredLRP(Context*, const models::UpdateDesiredLRPRequest*,
                          models::DesiredLRPLifecycleResponse*) override;
  Unary* RemoveDesiredLRP(Context*, const models::RemoveDesiredLRPRequest*,
                          models::DesiredLRPLifecycleResponse*) override;
  Unary* CancelDesiredLRPUpdate(Context*, const models::CancelDesiredLRPUpdateRequest*,
                                models::DesiredLRPLifecycleResponse*) override;
  Unary* RollBackDesiredLRP(Context*, const models::RollBackDesiredLRPRequest*,
                            models::DesiredLRPLifecycleResponse*) override;
  Unary* DesiredLRPDefinitions(Context*, const models::DesiredLRPByProcessGuidRequest*,
                               models::DesiredLRPDefinitionsResponse*) override;
  Unary* DesiredLRPs(Context*, const models::DesiredLRPsRequest*,
                     models::DesiredLRPsResponse*) override;
  Unary* DesiredLRPByProcessGuid(Context*, const models::DesiredLRPByProcessGuidRequest*,
                                 models::DesiredLRPResponse*) override;
  Unary* DesiredLRPSchedulingInfos(Context*, const models::DesiredLRPsRequest*,
                                   models::DesiredLRPSchedulingInfosResponse*) override;
  Unary* DesiredLRPSchedulingInfoByProcessGuid(
      Context*, const models::DesiredLRPByProcessGuidRequest*,
      models::DesiredLRPSchedulingInfoByProcessGuidResponse*) override;
  Unary* DesiredLRPRoutingInfos(Context*, const models::DesiredLRPsRequest*,
                                models::DesiredLRPsResponse*) override;
  Unary* ActualLRPs(Context*, const models::ActualLRPsRequest*,
                    models::ActualLRPsResponse*) override;
  Unary* ActualLRPsByProcessGuids(Context*, const models::ActualLRPsByProcessGuidsRequest*,
                                  models::ActualLRPsByProcessGuidsResponse*) override;
  Unary* ClaimActualLRP(Context*, const models::ClaimActualLRPRequest*,
                        models::ActualLRPLifecycleResponse*) override;
  Unary* StartActualLRP(Context*, const models::StartActualLRPRequest*,
                        models::ActualLRPLifecycleResponse*) override;
  Unary* CrashActualLRP(Context*, const models::CrashActualLRPRequest*,
                        models::ActualLRPLifecycleResponse*) override;
  Unary* FailActualLRP(Context*, const models::FailActualLRPRequest*,
                       models::ActualLRPLifecycleResponse*) override;
  Unary* RemoveActualLRP(Context*, const models::RemoveActualLRPRequest*,
                         models::ActualLRPLifecycleResponse*) override;
  Unary* RetireActualLRP(Context*, const models::RetireActualLRPRequest*,
                         models::ActualLRPLifecycleResponse*) override;
  Unary* EvacuateClaimedActualLRP(Context*, const models::EvacuateClaimedActualLRPRequest*,
                                  models::EvacuationResponse*) override;
  Unary* EvacuateRunningActualLRP(Context*, const models::EvacuateRunningActualLRPRequest*,
                                  models::EvacuationResponse*) override;
  Unary* EvacuateStoppedActualLRP(Context*, const models::EvacuateStoppedActualLRPRequest*,
                                  models::EvacuationResponse*) override;
  Unary* EvacuateCrashedActualLRP(Context*, const models::EvacuateCrashedActualLRPRequest*,
                                  models::EvacuationResponse*) override;
  Unary* RemoveEvacuatingActualLRP(Context*, const models::RemoveEvacuatingActualLRPRequest*,
                                   models::RemoveEvacuatingActualLRPResponse*) override;
  Unary* ExplainLRP(Context*, const ExplainLRPRequest*, ExplainLRPResponse*) override;
  Unary* PlacementTags(Context*, const PlacementTagsRequest*, PlacementTagsResponse*) override;
  Unary* DesireTask(Context*, const models::DesireTaskRequest*,
                    models::TaskLifecycleResponse*) override;
  Unary* StartTask(Context*, const models::StartTaskRequest*, models::StartTaskResponse*) override;
  Unary* CancelTask(Context*, const models::TaskGuidRequest*,
                    models::TaskLifecycleResponse*) override;
  Unary* FailTask(Context*, const models::FailTaskRequest*,
                  models::TaskLifecycleResponse*) override;
  Unary* RejectTask(Context*, const models::RejectTaskRequest*,
                    models::TaskLifecycleResponse*) override;
  Unary* CompleteTask(Context*, const models::CompleteTaskRequest*,
                      models::TaskLifecycleResponse*) override;
  Unary* ResolvingTask(Context*, const models::TaskGuidRequest*,
                       models::TaskLifecycleResponse*) override;
  Unary* DeleteTask(Context*, const models::TaskGuidRequest*,
                    models::TaskLifecycleResponse*) override;
  Unary* Tasks(Context*, const models::TasksRequest*, models::TasksResponse*) override;
  Unary* TaskByGuid(Context*, const models::TaskByGuidRequest*, models::TaskResponse*) override;

  // bbs_streams.cc
  Stream<models::DomainsResponse>* StreamDomains(Context*, const DomainsRequest*) override;
  Stream<models::ActualLRPsByProcessGuidsResponse>* StreamActualLRPsByProcessGuids(
      Context*, const models::ActualLRPsByProcessGuidsRequest*) override;
  Stream<models::CellsResponse>* StreamCells(Context*, const CellsRequest*) override;
  Stream<models::ActualLRPsResponse>* StreamActualLRPs(Context*,
                                                       const models::ActualLRPsRequest*) override;
  Stream<models::DesiredLRPsResponse>* StreamDesiredLRPs(
      Context*, const models::DesiredLRPsRequest*) override;
  Stream<models::DesiredLRPSchedulingInfosResponse>* StreamDesiredLRPSchedulingInfos(
      Context*, const models::DesiredLRPsRequest*) override;
  Stream<models::DesiredLRPsResponse>* StreamDesiredLRPRoutingInfos(
      Context*, const models::DesiredLRPsRequest*) override;
  Stream<models::TasksResponse>* StreamTasks(Context*, const models::TasksRequest*) override;
  Stream<SubscribeResponse>* Subscribe(Context*, const SubscribeRequest*) override;

  const BbsCalls& calls_;
  const rpc::PeerRules peers_;
};

}  // namespace diego::bbs
