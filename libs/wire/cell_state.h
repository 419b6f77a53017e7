// What a cell answers, the work it is handed and auction requests <-> the messages of
// proto/diego/cell.proto and auctioneer.proto. Pure functions.
// Source: reference/rep-auctioneer-http-api.md.
#pragma once

#include "absl/status/statusor.h"
#include "libs/models/cell_state.h"
#include "libs/models/cell_usage.h"
#include "proto/diego/auctioneer.pb.h"
#include "proto/diego/cell.pb.h"

namespace diego::wire {

WorkloadDemand ToProto(const PlacementConstraint& placement, const WorkloadSize& size);
void FromProto(const WorkloadDemand& proto, PlacementConstraint* placement, WorkloadSize* size);

LRPOnCell ToProto(const CellLrp& lrp);
CellLrp FromProto(const LRPOnCell& proto);

// FromProto refuses an unknown state: InvalidRequest.
TaskOnCell ToProto(const CellTask& task);
absl::StatusOr<CellTask> FromProto(const TaskOnCell& proto);

StateResponse ToProto(const CellState& state);
absl::StatusOr<CellState> FromProto(const StateResponse& proto);

WorkRequest ToProto(const Work& work);
absl::StatusOr<Work> FromProto(const WorkRequest& proto);

// The part of the work that was handed back; its cell_id is not on the wire.
WorkResponse RejectedProto(const Work& rejected);
absl::StatusOr<Work> FromProto(const WorkResponse& proto);

UpdateLRPRequest ToProto(const LrpInstanceUpdate& update);
LrpInstanceUpdate FromProto(const UpdateLRPRequest& proto);

LRPAuction ToProto(const LrpStartRequest& request);
LrpStartRequest FromProto(const LRPAuction& proto);

TaskAuction ToProto(const TaskStartRequest& request);
TaskStartRequest FromProto(const TaskAuction& proto);

ContainerMetricsResponse ToProto(const CellUsage& usage);
CellUsage FromProto(const ContainerMetricsResponse& proto);

}  // namespace diego::wire
