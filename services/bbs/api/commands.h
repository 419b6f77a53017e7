// Requests to commands: what each call of the original means to the engine, and which cell it
// speaks for. Requests have been validated (libs/wire/validate.h). Pure functions; the HTTP front
// door and gRPC share them. Source: reference/bbs-http-api.md "Routes".
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "proto/models/actual_lrp.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/domain.pb.h"
#include "proto/models/evacuation.pb.h"
#include "proto/models/task.pb.h"
#include "services/bbs/core/command.h"

namespace diego::bbs {

Command ToCommand(const models::UpsertDomainRequest& request);

// `now` becomes the run info's created_at.
absl::StatusOr<Command> ToCommand(models::DesireLRPRequest request, absl::Time now);
absl::StatusOr<Command> ToCommand(const models::UpdateDesiredLRPRequest& request);
Command ToCommand(const models::CancelDesiredLRPUpdateRequest& request);
Command ToCommand(const models::RollBackDesiredLRPRequest& request);
Command ToCommand(const models::RemoveDesiredLRPRequest& request);

Command ToCommand(const models::ClaimActualLRPRequest& request);
absl::StatusOr<Command> ToCommand(const models::StartActualLRPRequest& request);
Command ToCommand(const models::CrashActualLRPRequest& request);
Command ToCommand(const models::FailActualLRPRequest& request);
Command ToCommand(const models::RemoveActualLRPRequest& request);
// `live_cells` as in the command.
Command ToCommand(const models::RetireActualLRPRequest& request,
                  std::shared_ptr<const std::set<CellId>> live_cells);

Command ToCommand(const models::EvacuateClaimedActualLRPRequest& request);
absl::StatusOr<Command> ToCommand(const models::EvacuateRunningActualLRPRequest& request);
Command ToCommand(const models::EvacuateStoppedActualLRPRequest& request);
Command ToCommand(const models::EvacuateCrashedActualLRPRequest& request);
Command ToCommand(const models::RemoveEvacuatingActualLRPRequest& request);

Command ToCommand(const models::DesireTaskRequest& request);
Command ToCommand(const models::StartTaskRequest& request);
Command ToCommand(const models::FailTaskRequest& request);
// `by_cell`: the cell that calls, when a cell does.
Command ToCommand(const models::RejectTaskRequest& request, std::optional<CellId> by_cell);
Command ToCommand(const models::CompleteTaskRequest& request);

// The cell in whose name the request reports; empty when it names none.
template <typename Request>
CellId SpokenFor(const Request& request) {
  if constexpr (requires { request.actual_lrp_instance_key(); }) {
    return CellId(request.actual_lrp_instance_key().cell_id());
  } else {
    return CellId(request.cell_id());
  }
}

}  // namespace diego::bbs
