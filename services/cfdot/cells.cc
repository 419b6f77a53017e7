#include "services/cfdot/cells.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/config/address.h"
#include "libs/rpc/channel.h"
#include "libs/sync/guarded.h"

namespace diego::cfdot {
namespace {

// Calls under way at a time; bounds sockets and memory, not the number of cells.
constexpr int kAtATime = 100;

// Cells of the original give only a URL.
absl::StatusOr<std::unique_ptr<diego::Cell::Stub>> StubOf(const Session& session,
                                                          const models::CellPresence& cell) {
  const std::string text =
      cell.rep_grpc_address().empty() ? cell.rep_url() : cell.rep_grpc_address();
  DIEGO_ASSIGN_OR_RETURN(const config::Address address, config::ParseAddress(text));
  return diego::Cell::NewStub(rpc::MakeChannel(address.ToString(), session.credentials()));
}

struct StateCall {
  std::unique_ptr<diego::Cell::Stub> stub;
  grpc::ClientContext context;
  StateRequest request;
  StateResponse response;
  absl::Status status;
};

std::string StateFault(const models::CellPresence& cell) {
  return absl::StrCat("Failed to get cell state for cell ", cell.cell_id());
}

// `what` as "evacuate cell"; the failure names the cell.
template <typename Request, typename Response>
absl::Status CallCell(const Session& session, const models::CellPresence& cell,
                      absl::string_view what,
                      grpc::Status (diego::Cell::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                      const Request& request, Response* response) {
  const std::string fault = absl::StrCat("Failed to ", what, " ", cell.cell_id());
  const auto stub = StubOf(session, cell);
  if (!stub.ok()) return RepFailure(fault, stub.status());
  grpc::ClientContext context;
  rpc::SetTimeout(&context, kCellTimeout);
  context.AddMetadata("x-vcap-request-id", session.request_id());
  return RepFailure(fault, rpc::FromGrpc(((*stub).get()->*method)(&context, request, response)));
}

}  // namespace

absl::StatusOr<models::CellsResponse> FetchCellListing(Session& session) {
  models::CellsResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::Cells, CellsRequest(), &response));
  return response;
}

absl::StatusOr<std::vector<models::CellPresence>> FetchCells(Session& session) {
  DIEGO_ASSIGN_OR_RETURN(const models::CellsResponse response, FetchCellListing(session));
  return std::vector<models::CellPresence>(response.cells().begin(), response.cells().end());
}

absl::StatusOr<models::CellPresence> FetchCell(Session& session, const std::string& cell_id) {
  DIEGO_ASSIGN_OR_RETURN(const auto cells, FetchCells(session));
  for (const models::CellPresence& cell : cells) {
    if (cell.cell_id() == cell_id) return cell;
  }
  return Failure(ExitCode::kCall, "Cell not found");
}

std::vector<absl::StatusOr<StateResponse>> FetchStates(
    Session& session, const std::vector<models::CellPresence>& cells) {
  std::vector<std::unique_ptr<StateCall>> calls;
  Guarded<int> under_way;
  const auto wait_below = [&under_way](int limit) {
    under_way.When([limit](int count) { return count < limit; }, absl::InfiniteDuration(),
                   [](int, bool) {});
  };
  for (const models::CellPresence& cell : cells) {
    StateCall* call = calls.emplace_back(std::make_unique<StateCall>()).get();
    auto stub = StubOf(session, cell);
    if (!stub.ok()) {
      call->status = RepFailure(StateFault(cell), stub.status());
      continue;
    }
    wait_below(kAtATime);
    under_way.With([](int& count) { ++count; });
    call->stub = *std::move(stub);
    rpc::SetTimeout(&call->context, kCellTimeout);
    call->context.AddMetadata("x-vcap-request-id", session.request_id());
    call->stub->async()->State(&call->context, &call->request, &call->response,
                               [call, &under_way, fault = StateFault(cell)](grpc::Status status) {
                                 call->status = RepFailure(fault, rpc::FromGrpc(status));
                                 under_way.With([](int& count) { --count; });
                               });
  }
  wait_below(1);
  std::vector<absl::StatusOr<StateResponse>> states;
  for (const auto& call : calls) {
    if (call->status.ok()) {
      states.emplace_back(std::move(call->response));
    } else {
      states.emplace_back(call->status);
    }
  }
  return states;
}

absl::StatusOr<ContainerMetricsResponse> FetchMetrics(Session& session,
                                                      const models::CellPresence& cell) {
  ContainerMetricsResponse response;
  DIEGO_RETURN_IF_ERROR(CallCell(session, cell, "get container metrics of cell",
                                 &diego::Cell::Stub::ContainerMetrics, ContainerMetricsRequest(),
                                 &response));
  return response;
}

absl::Status Evacuate(Session& session, const models::CellPresence& cell) {
  EvacuateRequest request;
  request.set_cell_id(cell.cell_id());
  EvacuateResponse response;
  return CallCell(session, cell, "evacuate cell", &diego::Cell::Stub::Evacuate, request, &response);
}

absl::Status ReadLogs(Session& session, const models::CellPresence& cell,
                      const LogsRequest& request,
                      const std::function<void(const LogsResponse&)>& take) {
  const std::string fault = absl::StrCat("Failed to get logs of ", request.container_guid(),
                                         " from cell ", cell.cell_id());
  const auto stub = StubOf(session, cell);
  if (!stub.ok()) return RepFailure(fault, stub.status());
  grpc::ClientContext context;
  if (!request.follow()) rpc::SetTimeout(&context, session.settings().timeout);
  context.AddMetadata("x-vcap-request-id", session.request_id());
  const auto reader = (*stub)->Logs(&context, request);
  LogsResponse line;
  while (reader->Read(&line)) take(line);
  return RepFailure(fault, rpc::FromGrpc(reader->Finish()));
}

}  // namespace diego::cfdot
