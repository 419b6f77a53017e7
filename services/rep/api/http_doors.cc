#include "services/rep/api/http_doors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/models/error.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/cell_json.h"

namespace diego::rep {
namespace {

constexpr absl::string_view kInstance = "/lrps/:process_guid/instances/:instance_guid";

Caller CallerOf(const http::Request& request) {
  return {request.peer.value_or(rpc::PeerIdentity{}),
          rpc::TraceIdOf(request.header(rpc::kTraceHeader))};
}

http::Response Json(int status, std::string body) {
  return {status, "application/json", std::move(body)};
}

// Programs look at the status alone; the text is for people.
http::Response Refusal(const absl::Status& status) {
  const int code = IsDiegoError(status, ErrorType::kInvalidJSON) ? 400
                   : absl::IsPermissionDenied(status)            ? 403
                                                                 : 500;
  return http::TextResponse(code, status.message());
}

http::Response Accepted(const absl::Status& status) {
  return status.ok() ? http::Response{202} : Refusal(status);
}

http::Response State(CellCalls& calls, const http::Request& request) {
  const absl::StatusOr<CellState> state = calls.State(CallerOf(request));
  return state.ok() ? Json(200, wire::CellStateToJson(*state)) : Refusal(state.status());
}

http::Response Metrics(CellCalls& calls, const http::Request& request) {
  const absl::StatusOr<CellUsage> usage = calls.Usage(CallerOf(request));
  return usage.ok() ? Json(200, wire::CellUsageToJson(*usage)) : Refusal(usage.status());
}

http::Response Perform(CellCalls& calls, const http::Request& request) {
  absl::StatusOr<Work> rejected =
      calls.Perform(CallerOf(request), wire::WorkFromJson(request.body));
  if (!rejected.ok()) return Refusal(rejected.status());
  rejected->cell_id = CellId();
  return Json(200, wire::WorkToJson(*rejected));
}

http::Response Update(CellCalls& calls, const http::Request& request) {
  absl::StatusOr<LrpInstanceUpdate> update = wire::LrpUpdateFromJson(request.body);
  if (update.ok() && update->instance.instance_guid.empty()) {
    update->instance.instance_guid = InstanceGuid(request.parameter("instance_guid"));
  }
  return Accepted(calls.UpdateLrp(CallerOf(request), update));
}

http::Response Stop(CellCalls& calls, const http::Request& request) {
  const InstanceGuid guid(request.parameter("instance_guid"));
  return Accepted(calls.StopLrp(CallerOf(request), guid));
}

http::Response Cancel(CellCalls& calls, const http::Request& request) {
  return Accepted(calls.CancelTask(CallerOf(request), TaskGuid(request.parameter("task_guid"))));
}

void Add(http::Router* router, const char* method, absl::string_view pattern,
         std::function<http::Response(const http::Request&)> answer) {
  router->Add(
      method, pattern,
      [answer = std::move(answer)](const http::Request& request, const http::Responder& responder) {
        responder.Send(answer(request));
      });
}

}  // namespace

http::Router NetworkRoutes(CellCalls& calls) {
  http::Router router;
  const auto add = [&](const char* method, absl::string_view pattern,
                       http::Response (*answer)(CellCalls&, const http::Request&)) {
    Add(&router, method, pattern,
        [&calls, answer](const http::Request& request) { return answer(calls, request); });
  };
  add("GET", "/state", State);
  add("GET", "/container_metrics", Metrics);
  add("POST", "/work", Perform);
  add("PUT", absl::StrCat("/v2", kInstance), Update);
  add("PUT", absl::StrCat("/v1", kInstance), Update);
  add("POST", absl::StrCat("/v1", kInstance, "/stop"), Stop);
  for (const char* empty :
       {"/v1/lrps//instances/:instance_guid/stop", "/v1/lrps/:process_guid/instances//stop"}) {
    Add(&router, "POST", empty,
        [](const http::Request&) { return http::TextResponse(400, "a guid is empty"); });
  }
  add("POST", "/v1/tasks/:task_guid/cancel", Cancel);
  Add(&router, "POST", "/sim/reset",
      [](const http::Request&) { return http::TextResponse(500, "not-a-simulation-rep"); });
  return router;
}

http::Router LocalRoutes(CellCalls& calls, std::function<void()> evacuate) {
  http::Router router;
  Add(&router, "GET", "/ping", [](const http::Request&) { return http::Response{200}; });
  Add(&router, "POST", "/evacuate",
      [&calls, evacuate = std::move(evacuate)](const http::Request& request) {
        if (absl::Status allowed = calls.MayEvacuate(CallerOf(request)); !allowed.ok()) {
          return Refusal(allowed);
        }
        evacuate();
        return Json(202, R"({"ping_path":"/ping"})");
      });
  return router;
}

}  // namespace diego::rep
