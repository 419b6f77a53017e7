#include "libs/clients/http_cells.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "libs/clients/http_json.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/cell_json.h"

namespace diego::clients {
namespace {

constexpr size_t kMostRequests = 100000;

std::string InstancePath(absl::string_view version, const ProcessGuid& process_guid,
                         const InstanceGuid& instance_guid) {
  return absl::StrCat("/", version, "/lrps/", EscapePath(process_guid.value()), "/instances/",
                      EscapePath(instance_guid.value()));
}

std::string UpdatePath(absl::string_view version, const LrpInstanceUpdate& update) {
  return InstancePath(version, update.key.process_guid, update.instance.instance_guid);
}

// Whoever answers with something else is no rep.
absl::Status NoRep(const absl::Status& status) {
  return Annotate(status, "the cell's answer cannot be read");
}

http_client::Client::Done Accepted(HttpCells::Done done) {
  return [done = std::move(done)](const http_client::Outcome& outcome) {
    done(RequireAccepted(outcome));
  };
}

}  // namespace

HttpCells::HttpCells(const HttpCellsOptions& options) : options_(options), http_(kMostRequests) {}

http_client::Request HttpCells::RequestOf(const std::string& method, const std::string& url,
                                          const std::string& path, std::string body,
                                          const std::string& trace_id) const {
  http_client::Request request;
  request.method = method;
  request.url = absl::StrCat(absl::StripSuffix(url, "/"), path);
  if (!body.empty()) request.headers = {"Content-Type: application/json"};
  if (!trace_id.empty()) {
    request.headers.push_back(absl::StrCat(rpc::kTraceHeader, ": ", trace_id));
  }
  request.body = std::move(body);
  request.tls = options_.tls;
  request.timeout = options_.timeout;
  request.direct = true;
  return request;
}

void HttpCells::State(const std::string& url, std::function<void(absl::StatusOr<CellState>)> done,
                      const std::string& trace_id) {
  http_client::Request request = RequestOf("GET", url, "/state", "", trace_id);
  request.timeout = options_.state_timeout;
  http_.Start(std::move(request), [done = std::move(done)](const http_client::Outcome& outcome) {
    if (absl::Status status = RequireOk(outcome); !status.ok()) return done(status);
    absl::StatusOr<CellState> state = wire::CellStateFromJson(outcome->body);
    done(state.ok() ? std::move(state) : NoRep(state.status()));
  });
}

void HttpCells::PerformWork(const std::string& url, const Work& work,
                            std::function<void(absl::StatusOr<Work>)> done) {
  http_.Start(
      RequestOf("POST", url, "/work", wire::WorkToJson(work)),
      [done = std::move(done), cell_id = work.cell_id](const http_client::Outcome& outcome) {
        if (absl::Status status = RequireOk(outcome); !status.ok()) return done(status);
        absl::StatusOr<Work> rejected = wire::WorkFromJson(outcome->body);
        if (!rejected.ok()) return done(NoRep(rejected.status()));
        rejected->cell_id = cell_id;
        done(std::move(rejected));
      });
}

void HttpCells::StopLrp(const std::string& url, const ActualLrpKey& key,
                        const InstanceKey& instance, Done done, const std::string& trace_id) {
  const std::string path =
      absl::StrCat(InstancePath("v1", key.process_guid, instance.instance_guid), "/stop");
  http_.Start(RequestOf("POST", url, path, "", trace_id), Accepted(std::move(done)));
}

void HttpCells::UpdateLrp(const std::string& url, const LrpInstanceUpdate& update, Done done,
                          const std::string& trace_id) {
  http_.Start(
      RequestOf("PUT", url, UpdatePath("v2", update),
                wire::LrpUpdateToJson(update, wire::UpdateVersion::kV2), trace_id),
      [this, url, update, done = std::move(done), trace_id](const http_client::Outcome& outcome) {
        if (outcome.ok() && outcome->status == 404) return UpdateV1(url, update, done, trace_id);
        done(RequireAccepted(outcome));
      });
}

void HttpCells::UpdateV1(const std::string& url, const LrpInstanceUpdate& update, Done done,
                         const std::string& trace_id) {
  if (!update.has_internal_routes) return done(absl::OkStatus());
  http_.Start(RequestOf("PUT", url, UpdatePath("v1", update),
                        wire::LrpUpdateToJson(update, wire::UpdateVersion::kV1), trace_id),
              Accepted(std::move(done)));
}

void HttpCells::CancelTask(const std::string& url, const TaskGuid& task_guid, Done done,
                           const std::string& trace_id) {
  const std::string path = absl::StrCat("/v1/tasks/", EscapePath(task_guid.value()), "/cancel");
  http_.Start(RequestOf("POST", url, path, "", trace_id), Accepted(std::move(done)));
}

}  // namespace diego::clients
