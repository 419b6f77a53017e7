#include "services/bbs/api/listings.h"

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/task.h"

namespace diego::bbs {

ActualLrpFilter FilterOf(const models::ActualLRPsRequest& request) {
  ActualLrpFilter filter{Domain(request.domain()), CellId(request.cell_id()),
                         ProcessGuid(request.process_guid()), std::nullopt};
  if (request.optional_index_case() != models::ActualLRPsRequest::OPTIONAL_INDEX_NOT_SET) {
    filter.index = request.index();
  }
  return filter;
}

DesiredLrpFilter FilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter;
  filter.domain = Domain(request.domain());
  for (const std::string& guid : request.process_guids()) filter.process_guids.emplace_back(guid);
  filter.app_guids.assign(request.app_guids().begin(), request.app_guids().end());
  return filter;
}

DesiredLrpFilter SchedulingFilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = FilterOf(request);
  filter.app_guids.clear();
  return filter;
}

DesiredLrpFilter RoutingFilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = SchedulingFilterOf(request);
  filter.domain = Domain();
  return filter;
}

TaskFilter FilterOf(const models::TasksRequest& request) {
  TaskFilter filter{Domain(request.domain()), CellId(request.cell_id()), {}};
  for (const std::string& guid : request.task_guids()) filter.task_guids.emplace_back(guid);
  return filter;
}

absl::Status Add(const ActualLrp& lrp, models::ActualLRPsResponse* response) {
  *response->add_actual_lrps() = wire::ToProto(lrp);
  return absl::OkStatus();
}

absl::Status Add(const ActualLrp& lrp, models::ActualLRPsByProcessGuidsResponse* response) {
  *response->add_actual_lrps() = wire::ToProto(lrp);
  return absl::OkStatus();
}

absl::Status AddWhole(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_desired_lrps(), wire::ToProto(lrp));
  return absl::OkStatus();
}

absl::Status AddRouting(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  *response->add_desired_lrps() = wire::ToRoutingInfoProto(lrp);
  return absl::OkStatus();
}

absl::Status AddScheduling(const DesiredLrp& lrp,
                           models::DesiredLRPSchedulingInfosResponse* response) {
  *response->add_desired_lrp_scheduling_infos() = wire::ToSchedulingInfoProto(lrp);
  return absl::OkStatus();
}

absl::Status Add(const Task& task, models::TasksResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_tasks(), wire::ToProto(task));
  return absl::OkStatus();
}

}  // namespace diego::bbs
