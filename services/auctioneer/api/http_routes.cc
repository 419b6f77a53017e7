#include "services/auctioneer/api/http_routes.h"

#include "libs/models/error.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/cell_json.h"
#include "libs/wire/json_object.h"

namespace diego::auctioneer {
namespace {

Caller CallerOf(const http::Request& request) {
  return {request.peer.value_or(rpc::PeerIdentity{}),
          rpc::TraceIdOf(request.header(rpc::kTraceHeader))};
}

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

http::Router AuctioneerRoutes(AuctionCalls& calls) {
  http::Router router;
  router.Add("POST", "/v1/lrps",
             [&calls](const http::Request& request, const http::Responder& responder) {
               const auto requests = wire::LrpStartsFromJson(request.body);
               responder.Send(ResponseOf(calls.RequestLrps(CallerOf(request), requests).status()));
             });
  router.Add("POST", "/v1/tasks",
             [&calls](const http::Request& request, const http::Responder& responder) {
               const auto requests = wire::TaskStartsFromJson(request.body);
               responder.Send(ResponseOf(calls.RequestTasks(CallerOf(request), requests).status()));
             });
  return router;
}

}  // namespace diego::auctioneer
