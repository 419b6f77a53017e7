// Validation of everything that a client may send: is the request well formed in itself? OK, or
// InvalidRequest with every fault at once, in the reference's order, joined by ", ". Pure
// functions; nothing here knows any state. Source: reference/wire-models.md "Validation".
#pragma once

#include "absl/status/status.h"
#include "proto/models/actual_lrp.pb.h"
#include "proto/models/cells.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/domain.pb.h"
#include "proto/models/evacuation.pb.h"
#include "proto/models/task.pb.h"

namespace diego::wire {

// Desired LRPs.
absl::Status Validate(const models::DesiredLRP& lrp);
absl::Status Validate(const models::DesiredLRPUpdate& update);
absl::Status Validate(const models::DesireLRPRequest& request);
absl::Status Validate(const models::UpdateDesiredLRPRequest& request);
absl::Status Validate(const models::CancelDesiredLRPUpdateRequest& request);
absl::Status Validate(const models::RollBackDesiredLRPRequest& request);
absl::Status Validate(const models::RemoveDesiredLRPRequest& request);
absl::Status Validate(const models::DesiredLRPByProcessGuidRequest& request);

// Actual LRPs.
absl::Status Validate(const models::ActualLRPsByProcessGuidsRequest& request);
absl::Status Validate(const models::ActualLRPGroupsByProcessGuidRequest& request);
absl::Status Validate(const models::ActualLRPGroupByProcessGuidAndIndexRequest& request);
absl::Status Validate(const models::ClaimActualLRPRequest& request);
absl::Status Validate(const models::StartActualLRPRequest& request);
absl::Status Validate(const models::CrashActualLRPRequest& request);
absl::Status Validate(const models::FailActualLRPRequest& request);
absl::Status Validate(const models::RetireActualLRPRequest& request);
absl::Status Validate(const models::RemoveActualLRPRequest& request);

// Evacuation.
absl::Status Validate(const models::EvacuateClaimedActualLRPRequest& request);
absl::Status Validate(const models::EvacuateRunningActualLRPRequest& request);
absl::Status Validate(const models::EvacuateStoppedActualLRPRequest& request);
absl::Status Validate(const models::EvacuateCrashedActualLRPRequest& request);
absl::Status Validate(const models::RemoveEvacuatingActualLRPRequest& request);

// Tasks.
absl::Status Validate(const models::TaskDefinition& definition);
absl::Status Validate(const models::DesireTaskRequest& request);
absl::Status Validate(const models::StartTaskRequest& request);
absl::Status Validate(const models::FailTaskRequest& request);
absl::Status Validate(const models::RejectTaskRequest& request);
absl::Status Validate(const models::CompleteTaskRequest& request);
absl::Status Validate(const models::TaskGuidRequest& request);
absl::Status Validate(const models::TaskByGuidRequest& request);

// Domains and cells.
absl::Status Validate(const models::UpsertDomainRequest& request);
absl::Status Validate(const models::CellPresence& cell);

}  // namespace diego::wire
