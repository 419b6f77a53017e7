// BbsCalls: every call of the BBS, whatever protocol it came by: gRPC (bbs_service.h) and the
// original's HTTP (http_routes.h) both end here. Every call takes the same steps: may this role
// make it, does a BBS serve here, is the request well formed, does a cell speak for itself; then a
// command goes to the engine, or records come from the committed view; and `finish` is called when
// the answer is complete. No method blocks, but for the time it takes to copy the records of a
// list. Source: reference/bbs-http-api.md, reference/behaviours.md.
//
// Codes: PERMISSION_DENIED (role, cell), UNAVAILABLE (standby, or the term ended: try the other
// one), RESOURCE_EXHAUSTED (overloaded: not carried out), else the code that fits the models.Error
// that the status carries.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/models/cell.h"
#include "proto/diego/bbs.pb.h"
#include "services/bbs/api/api_metrics.h"
#include "services/bbs/api/caller.h"
#include "services/bbs/api/permissions.h"
#include "services/bbs/core/cell_loss.h"
#include "services/bbs/core/command.h"
#include "services/bbs/core/group_event.h"
#include "services/bbs/engine/active_term.h"

namespace diego::bbs {

models::ActualLRPGroup ToProto(const ActualLrpGroup& group);

template <typename Request, typename R, typename Response>
struct ListForm;  // listings.h

// Thread-safe.
class BbsCalls {
 public:
  // See CellDirectory.
  struct CellsPort {
    std::function<absl::StatusOr<std::vector<CellPresence>>()> list;
    std::function<std::optional<HeldCellLosses>()> held_losses;
    std::function<absl::StatusOr<std::vector<CellId>>()> accept_losses;
  };
  // Called exactly once, on the calling thread or one of the engine's: short, never blocks. The
  // response must live until then.
  using Finish = std::function<void(const absl::Status&)>;
  using TermOr = absl::StatusOr<std::shared_ptr<Term>>;

  // What is referred to outlives the calls.
  BbsCalls(const ActiveTerm& active, const Clock& clock, CellsPort cells, ApiMetrics* metrics,
           const log::Logger& log);

  // Whether a term serves here at present.
  bool serving() const { return active_.Get().ok(); }

  // bbs_calls.cc
  void Ping(const Caller&, const PingRequest&, models::PingResponse*, Finish) const;

  // bbs_domains.cc
  void Domains(const Caller&, const DomainsRequest&, models::DomainsResponse*, Finish) const;
  void DomainByName(const Caller&, const DomainByNameRequest&, DomainResponse*, Finish) const;
  void UpsertDomain(const Caller&, const models::UpsertDomainRequest&,
                    models::UpsertDomainResponse*, Finish) const;

  // bbs_cells.cc
  void Cells(const Caller&, const CellsRequest&, models::CellsResponse*, Finish) const;
  void CellById(const Caller&, const CellByIdRequest&, CellResponse*, Finish) const;
  void AcceptCellLosses(const Caller&, const AcceptCellLossesRequest&, AcceptCellLossesResponse*,
                        Finish) const;

  // bbs_desired_lrps.cc
  void DesireLRP(const Caller&, const models::DesireLRPRequest&,
                 models::DesiredLRPLifecycleResponse*, Finish) const;
  // A request that was refused for what is in it, or could not be read whole: its app's developer
  // is told by a line in our log that is marked as one of the app's.
  void TellApp(const models::DesireLRPRequest& request, const absl::Status& refusal) const;
  void UpdateDesiredLRP(const Caller&, const models::UpdateDesiredLRPRequest&,
                        models::DesiredLRPLifecycleResponse*, Finish) const;
  void RemoveDesiredLRP(const Caller&, const models::RemoveDesiredLRPRequest&,
                        models::DesiredLRPLifecycleResponse*, Finish) const;
  void CancelDesiredLRPUpdate(const Caller&, const models::CancelDesiredLRPUpdateRequest&,
                              models::DesiredLRPLifecycleResponse*, Finish) const;
  void RollBackDesiredLRP(const Caller&, const models::RollBackDesiredLRPRequest&,
                          models::DesiredLRPLifecycleResponse*, Finish) const;
  void DesiredLRPDefinitions(const Caller&, const models::DesiredLRPByProcessGuidRequest&,
                             models::DesiredLRPDefinitionsResponse*, Finish) const;
  void DesiredLRPs(const Caller&, const models::DesiredLRPsRequest&, models::DesiredLRPsResponse*,
                   Finish) const;
  void DesiredLRPByProcessGuid(const Caller&, const models::DesiredLRPByProcessGuidRequest&,
                               models::DesiredLRPResponse*, Finish) const;
  void DesiredLRPSchedulingInfos(const Caller&, const models::DesiredLRPsRequest&,
                                 models::DesiredLRPSchedulingInfosResponse*, Finish) const;
  void DesiredLRPSchedulingInfoByProcessGuid(const Caller&,
                                             const models::DesiredLRPByProcessGuidRequest&,
                                             models::DesiredLRPSchedulingInfoByProcessGuidResponse*,
                                             Finish) const;
  void DesiredLRPRoutingInfos(const Caller&, const models::DesiredLRPsRequest&,
                              models::DesiredLRPsResponse*, Finish) const;

  // bbs_actual_lrps.cc
  void ActualLRPs(const Caller&, const models::ActualLRPsRequest&, models::ActualLRPsResponse*,
                  Finish) const;
  void ActualLRPsByProcessGuids(const Caller&, const models::ActualLRPsByProcessGuidsRequest&,
                                models::ActualLRPsByProcessGuidsResponse*, Finish) const;
  void ClaimActualLRP(const Caller&, const models::ClaimActualLRPRequest&,
                      models::ActualLRPLifecycleResponse*, Finish) const;
  void StartActualLRP(const Caller&, const models::StartActualLRPRequest&,
                      models::ActualLRPLifecycleResponse*, Finish) const;
  void CrashActualLRP(const Caller&, const models::CrashActualLRPRequest&,
                      models::ActualLRPLifecycleResponse*, Finish) const;
  void FailActualLRP(const Caller&, const models::FailActualLRPRequest&,
                     models::ActualLRPLifecycleResponse*, Finish) const;
  void RemoveActualLRP(const Caller&, const models::RemoveActualLRPRequest&,
                       models::ActualLRPLifecycleResponse*, Finish) const;
  void RetireActualLRP(const Caller&, const models::RetireActualLRPRequest&,
                       models::ActualLRPLifecycleResponse*, Finish) const;
  void EvacuateClaimedActualLRP(const Caller&, const models::EvacuateClaimedActualLRPRequest&,
                                models::EvacuationResponse*, Finish) const;
  void EvacuateRunningActualLRP(const Caller&, const models::EvacuateRunningActualLRPRequest&,
                                models::EvacuationResponse*, Finish) const;
  void EvacuateStoppedActualLRP(const Caller&, const models::EvacuateStoppedActualLRPRequest&,
                                models::EvacuationResponse*, Finish) const;
  void EvacuateCrashedActualLRP(const Caller&, const models::EvacuateCrashedActualLRPRequest&,
                                models::EvacuationResponse*, Finish) const;
  void RemoveEvacuatingActualLRP(const Caller&, const models::RemoveEvacuatingActualLRPRequest&,
                                 models::RemoveEvacuatingActualLRPResponse*, Finish) const;

  // bbs_explain.cc
  void ExplainLRP(const Caller&, const ExplainLRPRequest&, ExplainLRPResponse*, Finish) const;
  void PlacementTags(const Caller&, const PlacementTagsRequest&, PlacementTagsResponse*,
                     Finish) const;

  // bbs_groups.cc, deprecated: no RPCs of ours
  void ActualLRPGroups(const Caller&, const models::ActualLRPGroupsRequest&,
                       models::ActualLRPGroupsResponse*, Finish) const;
  void ActualLRPGroupsByProcessGuid(const Caller&,
                                    const models::ActualLRPGroupsByProcessGuidRequest&,
                                    models::ActualLRPGroupsResponse*, Finish) const;
  void ActualLRPGroupByProcessGuidAndIndex(
      const Caller&, const models::ActualLRPGroupByProcessGuidAndIndexRequest&,
      models::ActualLRPGroupResponse*, Finish) const;

  // bbs_tasks.cc
  void DesireTask(const Caller&, const models::DesireTaskRequest&, models::TaskLifecycleResponse*,
                  Finish) const;
  void StartTask(const Caller&, const models::StartTaskRequest&, models::StartTaskResponse*,
                 Finish) const;
  void CancelTask(const Caller&, const models::TaskGuidRequest&, models::TaskLifecycleResponse*,
                  Finish) const;
  void FailTask(const Caller&, const models::FailTaskRequest&, models::TaskLifecycleResponse*,
                Finish) const;
  void RejectTask(const Caller&, const models::RejectTaskRequest&, models::TaskLifecycleResponse*,
                  Finish) const;
  void CompleteTask(const Caller&, const models::CompleteTaskRequest&,
                    models::TaskLifecycleResponse*, Finish) const;
  void ResolvingTask(const Caller&, const models::TaskGuidRequest&, models::TaskLifecycleResponse*,
                     Finish) const;
  void DeleteTask(const Caller&, const models::TaskGuidRequest&, models::TaskLifecycleResponse*,
                  Finish) const;
  void Tasks(const Caller&, const models::TasksRequest&, models::TasksResponse*, Finish) const;
  void TaskByGuid(const Caller&, const models::TaskByGuidRequest&, models::TaskResponse*,
                  Finish) const;

  // For calls that are answered by a stream: the first two steps; or, of a list, all up to its
  // records, with what is told beside them in `response`; and the last step, which counts and logs
  // the call and is to be called once with what it came to.
  TermOr Enter(const Caller& caller, BbsCall call) const;
  template <typename Request, typename R, typename Response>
  absl::StatusOr<Listing<R>> OpenList(const Caller& caller, BbsCall call,
                                      const ListForm<Request, R, Response>& form,
                                      const Request& request, Response* response) const;
  Finish Counting(const Caller& caller, BbsCall call) const;

 private:
  class Answer;

  // service_steps.h
  template <typename Request>
  TermOr EnterWith(const Caller& caller, BbsCall call, const Request& request) const;
  template <typename Request>
  TermOr EnterForCell(const Caller& caller, BbsCall call, const Request& request) const;
  // `request` is what the command was made of.
  void Run(const Answer& answer, const Caller& caller, const TermOr& term,
           const google::protobuf::MessageLite& request, absl::StatusOr<Command> command,
           std::function<void(const Reply&)> fill = nullptr) const;
  template <typename Request>
  void RunForCell(const Caller& caller, BbsCall call, const Request& request, Finish finish,
                  std::function<void(const Reply&)> fill = nullptr) const;
  template <typename Request>
  void RunSimply(const Caller& caller, BbsCall call, const Request& request, Finish finish) const;
  template <typename Request, typename R, typename Response>
  void AnswerList(const Caller& caller, BbsCall call, const ListForm<Request, R, Response>& form,
                  const Request& request, Response* response, Finish finish) const;

  const ActiveTerm& active_;
  const Clock& clock_;
  const CellsPort cells_;
  ApiMetrics* const metrics_;
  const log::Logger log_;
};

}  // namespace diego::bbs
