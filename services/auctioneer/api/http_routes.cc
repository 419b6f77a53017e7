#include "services/auctioneer/api/http_routes.h"

#include <string>

#include "libs/models/error.h"
#include "libs/wire/cell_json.h"
#include "libs/wire/json_object.h"

namespace diego::auctioneer {
namespace {

int CodeOf(const absl::Status& status) {
  if (IsDiegoError(status, ErrorType::kInvalidJSON)) return 400;
  if (absl::IsPermissionDenied(status)) return 403;
  // A standby, or more waits than may wait: the BBS's convergence asks again.
  if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) return 503;
  return 500;
}

http::Response ResponseOf(const absl::Status& status) {
  if (status.ok()) return {202, "application/json", "{}"};
  return {CodeOf(status), "application/json",
          wire::JsonObject().Text("error", status.message()).Close()};
}

}  // namespace

http::Router AuctioneerRoutes(AuctionCalls& calls, const log::Logger& log) {
  http::Router router;
  const auto answer = [log](const http::Request& request, const http::Responder& responder,
                            const absl::StatusOr<AuctionLoop::Admission>& admission) {
    if (admission.ok()) {
      for (const std::string& fault : admission->dropped) {
        log.Info("dropped-request",
                 {{"fault", fault}, {"trace_id", request.header("X-Vcap-Request-Id")}});
      }
    }
    responder.Send(ResponseOf(admission.status()));
  };
  router.Add("POST", "/v1/lrps",
             [&calls, answer](const http::Request& request, const http::Responder& responder) {
               answer(request, responder,
                      calls.RequestLrps(request.peer.value_or(rpc::PeerIdentity{}),
                                        wire::LrpStartsFromJson(request.body)));
             });
  router.Add("POST", "/v1/tasks",
             [&calls, answer](const http::Request& request, const http::Responder& responder) {
               answer(request, responder,
                      calls.RequestTasks(request.peer.value_or(rpc::PeerIdentity{}),
                                         wire::TaskStartsFromJson(request.body)));
             });
  return router;
}

}  // namespace diego::auctioneer
