// Every route of reference/bbs-http-api.md "Routes", copied from there by hand.
#pragma once

namespace diego::compat {

struct Route {
  const char* method;
  const char* path;
  enum Kind { kCall, kNoBody, kKeepContainer, kStream } kind;
  const char* request = "";  // the message of package models; none where the body is ignored
};

inline constexpr Route kRoutes[] = {
    {"POST", "/v1/ping", Route::kNoBody},
    {"POST", "/v1/domains/list", Route::kNoBody},
    {"POST", "/v1/domains/upsert", Route::kCall, "UpsertDomainRequest"},
    {"POST", "/v1/actual_lrps/list", Route::kCall, "ActualLRPsRequest"},
    {"POST", "/v1/actual_lrps/list_by_process_guids", Route::kCall,
     "ActualLRPsByProcessGuidsRequest"},
    {"POST", "/v1/actual_lrp_groups/list", Route::kCall, "ActualLRPGroupsRequest"},
    {"POST", "/v1/actual_lrp_groups/list_by_process_guid", Route::kCall,
     "ActualLRPGroupsByProcessGuidRequest"},
    {"POST", "/v1/actual_lrp_groups/get_by_process_guid_and_index", Route::kCall,
     "ActualLRPGroupByProcessGuidAndIndexRequest"},
    {"POST", "/v1/actual_lrps/claim", Route::kCall, "ClaimActualLRPRequest"},
    {"POST", "/v1/actual_lrps/start.r1", Route::kCall, "StartActualLRPRequest"},
    {"POST", "/v1/actual_lrps/start", Route::kCall, "StartActualLRPRequest"},
    {"POST", "/v1/actual_lrps/crash", Route::kCall, "CrashActualLRPRequest"},
    {"POST", "/v1/actual_lrps/fail", Route::kCall, "FailActualLRPRequest"},
    {"POST", "/v1/actual_lrps/remove", Route::kCall, "RemoveActualLRPRequest"},
    {"POST", "/v1/actual_lrps/retire", Route::kCall, "RetireActualLRPRequest"},
    {"POST", "/v1/actual_lrps/remove_evacuating", Route::kCall, "RemoveEvacuatingActualLRPRequest"},
    {"POST", "/v1/actual_lrps/evacuate_claimed", Route::kKeepContainer,
     "EvacuateClaimedActualLRPRequest"},
    {"POST", "/v1/actual_lrps/evacuate_crashed", Route::kCall, "EvacuateCrashedActualLRPRequest"},
    {"POST", "/v1/actual_lrps/evacuate_stopped", Route::kCall, "EvacuateStoppedActualLRPRequest"},
    {"POST", "/v1/actual_lrps/evacuate_running.r1", Route::kKeepContainer,
     "EvacuateRunningActualLRPRequest"},
    {"POST", "/v1/actual_lrps/evacuate_running", Route::kKeepContainer,
     "EvacuateRunningActualLRPRequest"},
    {"POST", "/v1/desired_lrp_scheduling_infos/list", Route::kCall, "DesiredLRPsRequest"},
    {"POST", "/v1/desired_lrp_scheduling_infos/get_by_process_guid", Route::kCall,
     "DesiredLRPByProcessGuidRequest"},
    {"POST", "/v1/desired_lrp_routing_infos/list", Route::kCall, "DesiredLRPsRequest"},
    {"POST", "/v1/desired_lrps/list.r3", Route::kCall, "DesiredLRPsRequest"},
    {"POST", "/v1/desired_lrps/get_by_process_guid.r3", Route::kCall,
     "DesiredLRPByProcessGuidRequest"},
    {"POST", "/v1/desired_lrps/list.r2", Route::kCall, "DesiredLRPsRequest"},
    {"POST", "/v1/desired_lrps/get_by_process_guid.r2", Route::kCall,
     "DesiredLRPByProcessGuidRequest"},
    {"POST", "/v1/desired_lrp/desire.r2", Route::kCall, "DesireLRPRequest"},
    {"POST", "/v1/desired_lrp/update", Route::kCall, "UpdateDesiredLRPRequest"},
    {"POST", "/v1/desired_lrp/remove", Route::kCall, "RemoveDesiredLRPRequest"},
    {"POST", "/v1/tasks/list.r3", Route::kCall, "TasksRequest"},
    {"POST", "/v1/tasks/get_by_task_guid.r3", Route::kCall, "TaskByGuidRequest"},
    {"POST", "/v1/tasks/list.r2", Route::kCall, "TasksRequest"},
    {"POST", "/v1/tasks/get_by_task_guid.r2", Route::kCall, "TaskByGuidRequest"},
    {"POST", "/v1/tasks/desire.r2", Route::kCall, "DesireTaskRequest"},
    {"POST", "/v1/tasks/start", Route::kCall, "StartTaskRequest"},
    {"POST", "/v1/tasks/cancel", Route::kCall, "TaskGuidRequest"},
    {"POST", "/v1/tasks/fail", Route::kCall, "FailTaskRequest"},
    {"POST", "/v1/tasks/reject", Route::kCall, "RejectTaskRequest"},
    {"POST", "/v1/tasks/complete", Route::kCall, "CompleteTaskRequest"},
    {"POST", "/v1/tasks/resolving", Route::kCall, "TaskGuidRequest"},
    {"POST", "/v1/tasks/delete", Route::kCall, "TaskGuidRequest"},
    {"GET", "/v1/events.r1", Route::kStream, "EventsByCellId"},
    {"POST", "/v1/events/tasks.r1", Route::kStream},
    {"POST", "/v1/events/lrp_instances.r1", Route::kStream, "EventsByCellId"},
    {"GET", "/v1/events", Route::kStream, "EventsByCellId"},
    {"POST", "/v1/events/tasks", Route::kStream},
    {"POST", "/v1/events/lrp_instances", Route::kStream, "EventsByCellId"},
    {"POST", "/v1/cells/list.r1", Route::kNoBody},
};

}  // namespace diego::compat
