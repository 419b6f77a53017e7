#include "services/bbs/api/commands.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/domain.h"
#include "libs/wire/placement.h"
#include "libs/wire/task.h"

namespace diego::bbs {
namespace {

template <typename Request>
std::optional<ModificationTag> ExpectedTagOf(const Request& request) {
  if (!request.has_expected_modification_tag()) return std::nullopt;
  return wire::FromProto(request.expected_modification_tag());
}

template <typename Request>
Opaque RefusalOf(const Request& request) {
  if (!request.has_placement_refusal()) return Opaque();
  return wire::PlacementRefusalBytes(request.placement_refusal());
}

template <typename Request>
ActualLrpKey KeyOf(const Request& request) {
  return wire::FromProto(request.actual_lrp_key());
}

template <typename Request>
InstanceKey InstanceOf(const Request& request) {
  return wire::FromProto(request.actual_lrp_instance_key());
}

template <typename Request>
absl::StatusOr<InstanceFacts> FactsOf(const Request& request) {
  InstanceFacts facts;
  facts.key = KeyOf(request);
  facts.instance = InstanceOf(request);
  DIEGO_ASSIGN_OR_RETURN(facts.net_info, wire::FromProto(request.actual_lrp_net_info()));
  facts.internal_routes = wire::FromProto(request.actual_lrp_internal_routes());
  facts.metric_tags = wire::FromProto(request.metric_tags());
  // Cells that know nothing of it are always routable.
  facts.routable =
      request.optional_routable_case() == Request::OPTIONAL_ROUTABLE_NOT_SET || request.routable();
  facts.availability_zone = request.availability_zone();
  facts.definition_id = request.definition_id();
  return facts;
}

}  // namespace

Command ToCommand(const models::UpsertDomainRequest& request) {
  return UpsertDomain{Domain(request.domain()), absl::Seconds(request.ttl()),
                      wire::CrashRestartPolicyOf(request)};
}

absl::StatusOr<Command> ToCommand(models::DesireLRPRequest request, absl::Time now) {
  DIEGO_ASSIGN_OR_RETURN(DesiredLrp lrp,
                         wire::FromProto(std::move(*request.mutable_desired_lrp()), now));
  return Command(DesireLrp{std::move(lrp)});
}

absl::StatusOr<Command> ToCommand(const models::UpdateDesiredLRPRequest& request) {
  DIEGO_ASSIGN_OR_RETURN(DesiredLrpUpdate update, wire::FromProto(request.update()));
  return Command(UpdateDesiredLrp{ProcessGuid(request.process_guid()), std::move(update),
                                  ExpectedTagOf(request)});
}

Command ToCommand(const models::CancelDesiredLRPUpdateRequest& request) {
  return CancelDesiredLrpUpdate{ProcessGuid(request.process_guid()), ExpectedTagOf(request)};
}

Command ToCommand(const models::RollBackDesiredLRPRequest& request) {
  return RollBackDesiredLrp{ProcessGuid(request.process_guid()), request.definition_id(),
                            ExpectedTagOf(request)};
}

Command ToCommand(const models::RemoveDesiredLRPRequest& request) {
  return RemoveDesiredLrp{ProcessGuid(request.process_guid()), ExpectedTagOf(request)};
}

Command ToCommand(const models::ClaimActualLRPRequest& request) {
  return ClaimActualLrp{ProcessGuid(request.process_guid()), request.index(), InstanceOf(request),
                        request.definition_id()};
}

absl::StatusOr<Command> ToCommand(const models::StartActualLRPRequest& request) {
  DIEGO_ASSIGN_OR_RETURN(InstanceFacts facts, FactsOf(request));
  return Command(StartActualLrp{std::move(facts)});
}

Command ToCommand(const models::CrashActualLRPRequest& request) {
  return CrashActualLrp{KeyOf(request), InstanceOf(request), request.error_message()};
}

Command ToCommand(const models::FailActualLRPRequest& request) {
  return FailActualLrp{KeyOf(request), request.error_message(), RefusalOf(request)};
}

Command ToCommand(const models::RemoveActualLRPRequest& request) {
  RemoveActualLrp command{ProcessGuid(request.process_guid()), request.index(), std::nullopt};
  if (request.has_actual_lrp_instance_key()) command.instance = InstanceOf(request);
  return command;
}

Command ToCommand(const models::RetireActualLRPRequest& request,
                  std::shared_ptr<const std::set<CellId>> live_cells) {
  return RetireActualLrp{KeyOf(request), std::move(live_cells)};
}

Command ToCommand(const models::EvacuateClaimedActualLRPRequest& request) {
  return EvacuateClaimedActualLrp{KeyOf(request), InstanceOf(request)};
}

absl::StatusOr<Command> ToCommand(const models::EvacuateRunningActualLRPRequest& request) {
  DIEGO_ASSIGN_OR_RETURN(InstanceFacts facts, FactsOf(request));
  return Command(EvacuateRunningActualLrp{std::move(facts)});
}

Command ToCommand(const models::EvacuateStoppedActualLRPRequest& request) {
  return EvacuateStoppedActualLrp{KeyOf(request), InstanceOf(request)};
}

Command ToCommand(const models::EvacuateCrashedActualLRPRequest& request) {
  return EvacuateCrashedActualLrp{KeyOf(request), InstanceOf(request), request.error_message()};
}

Command ToCommand(const models::RemoveEvacuatingActualLRPRequest& request) {
  return RemoveEvacuatingActualLrp{KeyOf(request), InstanceOf(request)};
}

Command ToCommand(const models::DesireTaskRequest& request) {
  return DesireTask{wire::FromProto(request)};
}

Command ToCommand(const models::StartTaskRequest& request) {
  return StartTask{TaskGuid(request.task_guid()), CellId(request.cell_id())};
}

Command ToCommand(const models::FailTaskRequest& request) {
  return FailTask{TaskGuid(request.task_guid()), request.failure_reason()};
}

Command ToCommand(const models::RejectTaskRequest& request, std::optional<CellId> by_cell) {
  return RejectTask{TaskGuid(request.task_guid()), request.rejection_reason(), std::move(by_cell),
                    RefusalOf(request)};
}

Command ToCommand(const models::CompleteTaskRequest& request) {
  return CompleteTask{TaskGuid(request.task_guid()), CellId(request.cell_id()), request.failed(),
                      request.failure_reason(), request.result()};
}

}  // namespace diego::bbs
