// From a list call's request to the records asked for, and from a record to its place in the
// response. Shared by the calls that answer whole lists and those that stream them.
// Source: reference/bbs-http-api.md "Routes", which forms honour which part of a filter.
#pragma once

#include "absl/status/status.h"
#include "proto/models/actual_lrp.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"
#include "services/bbs/engine/committed_view.h"

namespace diego::bbs {

ActualLrpFilter FilterOf(const models::ActualLRPsRequest& request);
DesiredLrpFilter FilterOf(const models::DesiredLRPsRequest& request);
DesiredLrpFilter SchedulingFilterOf(const models::DesiredLRPsRequest& request);
DesiredLrpFilter RoutingFilterOf(const models::DesiredLRPsRequest& request);
TaskFilter FilterOf(const models::TasksRequest& request);

absl::Status Add(const ActualLrp& lrp, models::ActualLRPsResponse* response);
absl::Status Add(const ActualLrp& lrp, models::ActualLRPsByProcessGuidsResponse* response);
absl::Status AddWhole(const DesiredLrp& lrp, models::DesiredLRPsResponse* response);
absl::Status AddRouting(const DesiredLrp& lrp, models::DesiredLRPsResponse* response);
absl::Status AddScheduling(const DesiredLrp& lrp,
                           models::DesiredLRPSchedulingInfosResponse* response);
absl::Status Add(const Task& task, models::TasksResponse* response);

}  // namespace diego::bbs
