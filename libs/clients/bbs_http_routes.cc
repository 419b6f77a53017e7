#include "libs/clients/bbs_http_routes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::clients {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields that we have added to the original's messages have numbers from here on.
constexpr int kFirstFieldOfOurs = 1000;

constexpr BbsHttpRoute kRoutes[] = {
    {"/diego.Bbs/Ping", "/v1/ping"},
    {"/diego.Bbs/Domains", "/v1/domains/list", "", false},
    {"/diego.Bbs/StreamDomains", "/v1/domains/list", "", false},
    {"/diego.Bbs/UpsertDomain", "/v1/domains/upsert", "", false},
    {"/diego.Bbs/Cells", "/v1/cells/list.r1", "", false},
    {"/diego.Bbs/StreamCells", "/v1/cells/list.r1", "", false},

    {"/diego.Bbs/DesireLRP", "/v1/desired_lrp/desire.r2", "", false},
    {"/diego.Bbs/UpdateDesiredLRP", "/v1/desired_lrp/update", "", false},
    {"/diego.Bbs/RemoveDesiredLRP", "/v1/desired_lrp/remove", "", false},
    {"/diego.Bbs/DesiredLRPs", "/v1/desired_lrps/list.r3"},
    {"/diego.Bbs/StreamDesiredLRPs", "/v1/desired_lrps/list.r3"},
    {"/diego.Bbs/DesiredLRPByProcessGuid", "/v1/desired_lrps/get_by_process_guid.r3"},
    {"/diego.Bbs/DesiredLRPSchedulingInfos", "/v1/desired_lrp_scheduling_infos/list"},
    {"/diego.Bbs/StreamDesiredLRPSchedulingInfos", "/v1/desired_lrp_scheduling_infos/list"},
    {"/diego.Bbs/DesiredLRPSchedulingInfoByProcessGuid",
     "/v1/desired_lrp_scheduling_infos/get_by_process_guid"},
    {"/diego.Bbs/DesiredLRPRoutingInfos", "/v1/desired_lrp_routing_infos/list",
     "/v1/desired_lrps/list.r3"},
    {"/diego.Bbs/StreamDesiredLRPRoutingInfos", "/v1/desired_lrp_routing_infos/list",
     "/v1/desired_lrps/list.r3"},

    {"/diego.Bbs/ActualLRPs", "/v1/actual_lrps/list"},
    {"/diego.Bbs/StreamActualLRPs", "/v1/actual_lrps/list"},
    {"/diego.Bbs/ActualLRPsByProcessGuids", "/v1/actual_lrps/list_by_process_guids"},
    {"/diego.Bbs/StreamActualLRPsByProcessGuids", "/v1/actual_lrps/list_by_process_guids"},
    {"/diego.Bbs/ClaimActualLRP", "/v1/actual_lrps/claim"},
    {"/diego.Bbs/StartActualLRP", "/v1/actual_lrps/start.r1", "/v1/actual_lrps/start"},
    {"/diego.Bbs/CrashActualLRP", "/v1/actual_lrps/crash"},
    {"/diego.Bbs/FailActualLRP", "/v1/actual_lrps/fail"},
    {"/diego.Bbs/RemoveActualLRP", "/v1/actual_lrps/remove"},
    {"/diego.Bbs/RetireActualLRP", "/v1/actual_lrps/retire"},

    {"/diego.Bbs/EvacuateClaimedActualLRP", "/v1/actual_lrps/evacuate_claimed"},
    {"/diego.Bbs/EvacuateRunningActualLRP", "/v1/actual_lrps/evacuate_running.r1",
     "/v1/actual_lrps/evacuate_running"},
    {"/diego.Bbs/EvacuateStoppedActualLRP", "/v1/actual_lrps/evacuate_stopped"},
    {"/diego.Bbs/EvacuateCrashedActualLRP", "/v1/actual_lrps/evacuate_crashed"},
    {"/diego.Bbs/RemoveEvacuatingActualLRP", "/v1/actual_lrps/remove_evacuating"},

    {"/diego.Bbs/DesireTask", "/v1/tasks/desire.r2", "", false},
    {"/diego.Bbs/StartTask", "/v1/tasks/start"},
    {"/diego.Bbs/CancelTask", "/v1/tasks/cancel"},
    {"/diego.Bbs/FailTask", "/v1/tasks/fail"},
    {"/diego.Bbs/RejectTask", "/v1/tasks/reject"},
    {"/diego.Bbs/CompleteTask", "/v1/tasks/complete"},
    {"/diego.Bbs/ResolvingTask", "/v1/tasks/resolving"},
    {"/diego.Bbs/DeleteTask", "/v1/tasks/delete"},
    {"/diego.Bbs/Tasks", "/v1/tasks/list.r3", "", false},
    {"/diego.Bbs/StreamTasks", "/v1/tasks/list.r3", "", false},
    {"/diego.Bbs/TaskByGuid", "/v1/tasks/get_by_task_guid.r3"},
};

absl::Status FindOurs(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->number() >= kFirstFieldOfOurs) {
      return absl::UnimplementedError(absl::StrCat("a BBS of the original answers, which knows no ",
                                                   field->name(), ": leave it out"));
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      DIEGO_RETURN_IF_ERROR(FindOurs(reflection.GetMessage(message, field)));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      DIEGO_RETURN_IF_ERROR(FindOurs(reflection.GetRepeatedMessage(message, field, i)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

const BbsHttpRoute* FindBbsHttpRoute(absl::string_view method) {
  for (const BbsHttpRoute& route : kRoutes) {
    if (route.method == method) return &route;
  }
  return nullptr;
}

absl::Status RequireOriginal(const BbsHttpRoute& route, const Message& request) {
  return route.lenient ? absl::OkStatus() : FindOurs(request);
}

}  // namespace diego::clients
