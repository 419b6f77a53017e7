// Every route of reference/bbs-http-api.md "Routes", copied from there by hand.
#pragma once

namespace diego::compat {

struct Route {
  const char* method;
  const char* path;
  enum Kind { kCall, kNoBody, kKeepContainer, kStream } kind;
};

inline constexpr Route kRoutes[] = {
    {"POST", "/v1/ping", Route::kNoBody},
    {"POST", "/v1/domains/list", Route::kNoBody},
    {"POST", "/v1/domains/upsert", Route::kCall},
    {"POST", "/v1/actual_lrps/list", Route::kCall},
    {"POST", "/v1/actual_lrps/list_by_process_guids", Route::kCall},
    {"POST", "/v1/actual_lrp_groups/list", Route::kCall},
    {"POST", "/v1/actual_lrp_groups/list_by_process_guid", Route::kCall},
    {"POST", "/v1/actual_lrp_groups/get_by_process_guid_and_index", Route::kCall},
    {"POST", "/v1/actual_lrps/claim", Route::kCall},
    {"POST", "/v1/actual_lrps/start.r1", Route::kCall},
    {"POST", "/v1/actual_lrps/start", Route::kCall},
    {"POST", "/v1/actual_lrps/crash", Route::kCall},
    {"POST", "/v1/actual_lrps/fail", Route::kCall},
    {"POST", "/v1/actual_lrps/remove", Route::kCall},
    {"POST", "/v1/actual_lrps/retire", Route::kCall},
    {"POST", "/v1/actual_lrps/remove_evacuating", Route::kCall},
    {"POST", "/v1/actual_lrps/evacuate_claimed", Route::kKeepContainer},
    {"POST", "/v1/actual_lrps/evacuate_crashed", Route::kCall},
    {"POST", "/v1/actual_lrps/evacuate_stopped", Route::kCall},
    {"POST", "/v1/actual_lrps/evacuate_running.r1", Route::kKeepContainer},
    {"POST", "/v1/actual_lrps/evacuate_running", Route::kKeepContainer},
    {"POST", "/v1/desired_lrp_scheduling_infos/list", Route::kCall},
    {"POST", "/v1/desired_lrp_scheduling_infos/get_by_process_guid", Route::kCall},
    {"POST", "/v1/desired_lrp_routing_infos/list", Route::kCall},
    {"POST", "/v1/desired_lrps/list.r3", Route::kCall},
    {"POST", "/v1/desired_lrps/get_by_process_guid.r3", Route::kCall},
    {"POST", "/v1/desired_lrps/list.r2", Route::kCall},
    {"POST", "/v1/desired_lrps/get_by_process_guid.r2", Route::kCall},
    {"POST", "/v1/desired_lrp/desire.r2", Route::kCall},
    {"POST", "/v1/desired_lrp/update", Route::kCall},
    {"POST", "/v1/desired_lrp/remove", Route::kCall},
    {"POST", "/v1/tasks/list.r3", Route::kCall},
    {"POST", "/v1/tasks/get_by_task_guid.r3", Route::kCall},
    {"POST", "/v1/tasks/list.r2", Route::kCall},
    {"POST", "/v1/tasks/get_by_task_guid.r2", Route::kCall},
    {"POST", "/v1/tasks/desire.r2", Route::kCall},
    {"POST", "/v1/tasks/start", Route::kCall},
    {"POST", "/v1/tasks/cancel", Route::kCall},
    {"POST", "/v1/tasks/fail", Route::kCall},
    {"POST", "/v1/tasks/reject", Route::kCall},
    {"POST", "/v1/tasks/complete", Route::kCall},
    {"POST", "/v1/tasks/resolving", Route::kCall},
    {"POST", "/v1/tasks/delete", Route::kCall},
    {"GET", "/v1/events.r1", Route::kStream},
    {"POST", "/v1/events/tasks.r1", Route::kStream},
    {"POST", "/v1/events/lrp_instances.r1", Route::kStream},
    {"GET", "/v1/events", Route::kStream},
    {"POST", "/v1/events/tasks", Route::kStream},
    {"POST", "/v1/events/lrp_instances", Route::kStream},
    {"POST", "/v1/cells/list.r1", Route::kNoBody},
};

}  // namespace diego::compat
