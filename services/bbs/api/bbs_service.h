// diego.Bbs on gRPC. Every call takes the same steps: may this role make it, does a BBS serve here,
// is the request well formed, does a cell speak for itself; then a command goes to the engine, or
// records come from the committed view; and the answer is sent when it comes. No method blocks.
// Source: reference/bbs-http-api.md, reference/behaviours.md.
//
// Codes: PERMISSION_DENIED (role, cell), UNAVAILABLE (standby, or the term ended: try the other
// one), RESOURCE_EXHAUSTED (overloaded: not carried out), else the code that fits the models.Error
// in the details.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/models/cell.h"
#include "libs/rpc/identity.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "services/bbs/api/api_metrics.h"
#include "services/bbs/api/permissions.h"
#include "services/bbs/core/command.h"
#include "services/bbs/engine/active_term.h"

namespace diego::bbs {

// Thread-safe.
class BbsService final : public Bbs::CallbackService {
 public:
  // The cells that are present; an error when that is not known.
  using CellsFunction = std::function<absl::StatusOr<std::vector<CellPresence>>()>;

  // What is referred to outlives the service.
  BbsService(const ActiveTerm& active, const Clock& clock, CellsFunction cells,
             const rpc::PeerRules& peers, ApiMetrics* metrics, const log::Logger& log);

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  template <typename Response>
  using Stream = grpc::ServerWriteReactor<Response>;
  using TermOr = absl::StatusOr<std::shared_ptr<Term>>;
  class Answer;

  // bbs_service.cc: the steps above; domains, cells, events.
  TermOr Enter(const Context& context, BbsCall call) const;
  template <typename Request>
  TermOr EnterWith(const Context& context, BbsCall call, const Request& request) const;
  template <typename Request>
  TermOr EnterForCell(const Context& context, BbsCall call, const Request& request) const;
  Unary* Run(const Answer& answer, const TermOr& term, absl::StatusOr<Command> command,
             std::function<void(const Reply&)> fill = nullptr) const;
  template <typename Request>
  Unary* RunForCell(Context* context, BbsCall call, const Request& request,
                    std::function<void(const Reply&)> fill = nullptr) const;
  template <typename Request>
  Unary* RunSimply(Context* context, BbsCall call, const Request& request) const;

  Unary* Ping(Context*, const PingRequest*, models::PingResponse*) override;
  Unary* Domains(Context*, const DomainsRequest*, models::DomainsResponse*) override;
  Unary* UpsertDomain(Context*, const models::UpsertDomainRequest*,
                      models::UpsertDomainResponse*) override;
  Unary* Cells(Context*, const CellsRequest*, models::CellsResponse*) override;
  Stream<SubscribeResponse>* Subscribe(Context*, const SubscribeRequest*) override;

  // bbs_desired_lrps.cc
  Unary* DesireLRP(Context*, const models::DesireLRPRequest*,
                   models::DesiredLRPLifecycleResponse*) override;
  Unary* UpdateDesiredLRP(Context*, const models::UpdateDesiredLRPRequest*,
                          models::DesiredLRPLifecycleResponse*) override;
  Unary* RemoveDesiredLRP(Context*, const models::RemoveDesiredLRPRequest*,
                          models::DesiredLRPLifecycleResponse*) override;
  Unary* DesiredLRPs(Context*, const models::DesiredLRPsRequest*,
                     models::DesiredLRPsResponse*) override;
  Unary* DesiredLRPByProcessGuid(Context*, const models::DesiredLRPByProcessGuidRequest*,
                                 models::DesiredLRPResponse*) override;
  Unary* DesiredLRPSchedulingInfos(Context*, const models::DesiredLRPsRequest*,
                                   models::DesiredLRPSchedulingInfosResponse*) override;
  Unary* DesiredLRPRoutingInfos(Context*, const models::DesiredLRPsRequest*,
                                models::DesiredLRPsResponse*) override;
  Stream<models::DesiredLRPsResponse>* StreamDesiredLRPs(
      Context*, const models::DesiredLRPsRequest*) override;
  Stream<models::DesiredLRPSchedulingInfosResponse>* StreamDesiredLRPSchedulingInfos(
      Context*, const models::DesiredLRPsRequest*) override;
  Stream<models::DesiredLRPsResponse>* StreamDesiredLRPRoutingInfos(
      Context*, const models::DesiredLRPsRequest*) override;

  // bbs_actual_lrps.cc
  Unary* ActualLRPs(Context*, const models::ActualLRPsRequest*,
                    models::ActualLRPsResponse*) override;
  Unary* ActualLRPsByProcessGuids(Context*, const models::ActualLRPsByProcessGuidsRequest*,
                                  models::ActualLRPsByProcessGuidsResponse*) override;
  Stream<models::ActualLRPsResponse>* StreamActualLRPs(Context*,
                                                       const models::ActualLRPsRequest*) override;
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

  // bbs_tasks.cc
  absl::Status RequireTaskOnCell(const Context& context, Term& term,
                                 const TaskGuid& task_guid) const;
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
  Stream<models::TasksResponse>* StreamTasks(Context*, const models::TasksRequest*) override;

  const ActiveTerm& active_;
  const Clock& clock_;
  const CellsFunction cells_;
  const rpc::PeerRules peers_;
  ApiMetrics* const metrics_;
  const log::Logger log_;
};

}  // namespace diego::bbs
