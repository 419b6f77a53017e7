// The table of the original's routes. Source: reference/bbs-http-api.md "Routes".
#include "libs/wire/versions.h"
#include "services/bbs/api/http_call.h"

namespace diego::bbs {
namespace {

// Older cells report neither.
template <typename Request>
void ForgetRoutesAndTags(Request* request) {
  request->clear_actual_lrp_internal_routes();
  request->clear_metric_tags();
}

void LrpsToR2(models::DesiredLRPsResponse* response) {
  for (models::DesiredLRP& lrp : *response->mutable_desired_lrps()) wire::DowngradeToR2(&lrp);
}
void LrpToR2(models::DesiredLRPResponse* response) {
  if (response->has_desired_lrp()) wire::DowngradeToR2(response->mutable_desired_lrp());
}
void TasksToR2(models::TasksResponse* response) {
  for (models::Task& task : *response->mutable_tasks()) wire::DowngradeToR2(&task);
}
void TaskToR2(models::TaskResponse* response) {
  if (response->has_task()) wire::DowngradeToR2(response->mutable_task());
}

}  // namespace

http::Router HttpApi::Routes() const {
  http::Router router;
  AddDomainsAndCells(&router);
  AddActualLrps(&router);
  AddEvacuation(&router);
  AddDesiredLrps(&router);
  AddTasks(&router);
  AddEvents(&router);
  return router;
}

void HttpApi::AddDomainsAndCells(http::Router* router) const {
  router->Add("POST", "/v1/ping", MakeHttpCall(this, &BbsCalls::Ping, {.ignores_body = true}));
  router->Add("POST", "/v1/domains/list",
              MakeHttpCall(this, &BbsCalls::Domains, {.ignores_body = true}));
  router->Add("POST", "/v1/domains/upsert", MakeHttpCall(this, &BbsCalls::UpsertDomain));
  router->Add("POST", "/v1/cells/list.r1",
              MakeHttpCall(this, &BbsCalls::Cells, {.ignores_body = true, .list = true}));
}

void HttpApi::AddActualLrps(http::Router* router) const {
  const auto add = [&](absl::string_view path, http::Handler handler) {
    router->Add("POST", path, std::move(handler));
  };
  add("/v1/actual_lrps/list", MakeHttpCall(this, &BbsCalls::ActualLRPs, {.list = true}));
  add("/v1/actual_lrps/list_by_process_guids",
      MakeHttpCall(this, &BbsCalls::ActualLRPsByProcessGuids, {.list = true}));
  add("/v1/actual_lrp_groups/list", MakeHttpCall(this, &BbsCalls::ActualLRPGroups, {.list = true}));
  add("/v1/actual_lrp_groups/list_by_process_guid",
      MakeHttpCall(this, &BbsCalls::ActualLRPGroupsByProcessGuid, {.list = true}));
  add("/v1/actual_lrp_groups/get_by_process_guid_and_index",
      MakeHttpCall(this, &BbsCalls::ActualLRPGroupByProcessGuidAndIndex));
  add("/v1/actual_lrps/claim", MakeHttpCall(this, &BbsCalls::ClaimActualLRP));
  add("/v1/actual_lrps/start.r1", MakeHttpCall(this, &BbsCalls::StartActualLRP));
  add("/v1/actual_lrps/start",
      MakeHttpCall(this, &BbsCalls::StartActualLRP,
                   {.forget = ForgetRoutesAndTags<models::StartActualLRPRequest>}));
  add("/v1/actual_lrps/crash", MakeHttpCall(this, &BbsCalls::CrashActualLRP));
  add("/v1/actual_lrps/fail", MakeHttpCall(this, &BbsCalls::FailActualLRP));
  add("/v1/actual_lrps/remove", MakeHttpCall(this, &BbsCalls::RemoveActualLRP));
  add("/v1/actual_lrps/retire", MakeHttpCall(this, &BbsCalls::RetireActualLRP));
}

void HttpApi::AddEvacuation(http::Router* router) const {
  const auto add = [&](absl::string_view path, http::Handler handler) {
    router->Add("POST", path, std::move(handler));
  };
  add("/v1/actual_lrps/remove_evacuating",
      MakeHttpCall(this, &BbsCalls::RemoveEvacuatingActualLRP));
  add("/v1/actual_lrps/evacuate_claimed",
      MakeHttpCall(this, &BbsCalls::EvacuateClaimedActualLRP, {.keep_container_when_bad = true}));
  add("/v1/actual_lrps/evacuate_crashed", MakeHttpCall(this, &BbsCalls::EvacuateCrashedActualLRP));
  add("/v1/actual_lrps/evacuate_stopped", MakeHttpCall(this, &BbsCalls::EvacuateStoppedActualLRP));
  add("/v1/actual_lrps/evacuate_running.r1",
      MakeHttpCall(this, &BbsCalls::EvacuateRunningActualLRP, {.keep_container_when_bad = true}));
  add("/v1/actual_lrps/evacuate_running",
      MakeHttpCall(this, &BbsCalls::EvacuateRunningActualLRP,
                   {.keep_container_when_bad = true,
                    .forget = ForgetRoutesAndTags<models::EvacuateRunningActualLRPRequest>}));
}

void HttpApi::AddDesiredLrps(http::Router* router) const {
  const auto add = [&](absl::string_view path, http::Handler handler) {
    router->Add("POST", path, std::move(handler));
  };
  add("/v1/desired_lrp_scheduling_infos/list",
      MakeHttpCall(this, &BbsCalls::DesiredLRPSchedulingInfos, {.list = true}));
  add("/v1/desired_lrp_scheduling_infos/get_by_process_guid",
      MakeHttpCall(this, &BbsCalls::DesiredLRPSchedulingInfoByProcessGuid));
  add("/v1/desired_lrp_routing_infos/list",
      MakeHttpCall(this, &BbsCalls::DesiredLRPRoutingInfos, {.list = true}));
  add("/v1/desired_lrps/list.r3", MakeHttpCall(this, &BbsCalls::DesiredLRPs, {.list = true}));
  add("/v1/desired_lrps/list.r2",
      MakeHttpCall(this, &BbsCalls::DesiredLRPs, {.list = true, .shape = LrpsToR2}));
  add("/v1/desired_lrps/get_by_process_guid.r3",
      MakeHttpCall(this, &BbsCalls::DesiredLRPByProcessGuid));
  add("/v1/desired_lrps/get_by_process_guid.r2",
      MakeHttpCall(this, &BbsCalls::DesiredLRPByProcessGuid, {.shape = LrpToR2}));
  add("/v1/desired_lrp/desire.r2",
      MakeHttpCall(this, &BbsCalls::DesireLRP, {.unreadable = &BbsCalls::TellApp}));
  add("/v1/desired_lrp/update", MakeHttpCall(this, &BbsCalls::UpdateDesiredLRP));
  add("/v1/desired_lrp/remove", MakeHttpCall(this, &BbsCalls::RemoveDesiredLRP));
}

void HttpApi::AddTasks(http::Router* router) const {
  const auto add = [&](absl::string_view path, http::Handler handler) {
    router->Add("POST", path, std::move(handler));
  };
  add("/v1/tasks/list.r3", MakeHttpCall(this, &BbsCalls::Tasks, {.list = true}));
  add("/v1/tasks/list.r2",
      MakeHttpCall(this, &BbsCalls::Tasks, {.list = true, .shape = TasksToR2}));
  add("/v1/tasks/get_by_task_guid.r3", MakeHttpCall(this, &BbsCalls::TaskByGuid));
  add("/v1/tasks/get_by_task_guid.r2",
      MakeHttpCall(this, &BbsCalls::TaskByGuid, {.shape = TaskToR2}));
  add("/v1/tasks/desire.r2", MakeHttpCall(this, &BbsCalls::DesireTask));
  add("/v1/tasks/start", MakeHttpCall(this, &BbsCalls::StartTask));
  add("/v1/tasks/cancel", MakeHttpCall(this, &BbsCalls::CancelTask));
  add("/v1/tasks/fail", MakeHttpCall(this, &BbsCalls::FailTask));
  add("/v1/tasks/reject", MakeHttpCall(this, &BbsCalls::RejectTask));
  add("/v1/tasks/complete", MakeHttpCall(this, &BbsCalls::CompleteTask));
  add("/v1/tasks/resolving", MakeHttpCall(this, &BbsCalls::ResolvingTask));
  add("/v1/tasks/delete", MakeHttpCall(this, &BbsCalls::DeleteTask));
}

void HttpApi::AddEvents(http::Router* router) const {
  const auto add = [&](const char* method, absl::string_view path, Stream stream, EventForm form) {
    router->Add(
        method, path,
        [this, stream, form](const http::Request& request, const http::Responder& responder) {
          Follow(stream, form, request, responder);
        });
  };
  add("GET", "/v1/events.r1", Stream::kGroups, EventForm::kCurrent);
  add("GET", "/v1/events", Stream::kGroups, EventForm::kR0);
  add("POST", "/v1/events/tasks.r1", Stream::kTasks, EventForm::kCurrent);
  add("POST", "/v1/events/tasks", Stream::kTasks, EventForm::kR0);
  add("POST", "/v1/events/lrp_instances.r1", Stream::kInstances, EventForm::kCurrent);
  add("POST", "/v1/events/lrp_instances", Stream::kInstances, EventForm::kR0);
}

}  // namespace diego::bbs
