#include "services/cfdot/cells.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/clients/http_cells.h"
#include "libs/models/cell_address.h"
#include "libs/rpc/channel.h"
#include "libs/sync/guarded.h"
#include "libs/wire/cell.h"
#include "libs/wire/cell_state.h"

namespace diego::cfdot {
namespace {

// Calls under way at a time; bounds sockets and memory, not the number of cells.
constexpr int kAtATime = 100;

// "host:port" of a cell that speaks gRPC, else the URL of one of the original.
absl::StatusOr<std::string> AddressOf(const models::CellPresence& cell) {
  std::string address = CellAddressOf(wire::FromProto(cell));
  if (!address.empty()) return address;
  return absl::InvalidArgumentError("it announces neither a gRPC address nor an https URL");
}

std::unique_ptr<diego::Cell::Stub> StubAt(const Session& session, const std::string& address) {
  return diego::Cell::NewStub(rpc::MakeChannel(address, session.credentials()));
}

// For what cells of the original have no call for.
absl::StatusOr<std::unique_ptr<diego::Cell::Stub>> StubOf(const Session& session,
                                                          const models::CellPresence& cell,
                                                          absl::string_view instead) {
  DIEGO_ASSIGN_OR_RETURN(const std::string address, AddressOf(cell));
  if (!IsHttpAddress(address)) return StubAt(session, address);
  return absl::UnimplementedError(
      absl::StrCat("it is a cell of the original, at ", address, ": ", instead));
}

// Asks cells for their states, at most kAtATime under way.
class StateCalls {
 public:
  explicit StateCalls(const Session& session) : session_(session) {}

  void Start(const models::CellPresence& cell) {
    Call* call = calls_.emplace_back(std::make_unique<Call>()).get();
    call->fault = absl::StrCat("Failed to get cell state for cell ", cell.cell_id());
    const absl::StatusOr<std::string> address = AddressOf(cell);
    if (!address.ok()) {
      call->state = RepFailure(call->fault, address.status());
      return;
    }
    WaitBelow(kAtATime);
    under_way_.With([](int& count) { ++count; });
    if (IsHttpAddress(*address)) {
      StartHttp(*address, call);
    } else {
      StartGrpc(*address, call);
    }
  }

  // In the order of their starts.
  std::vector<absl::StatusOr<StateResponse>> Finish() {
    WaitBelow(1);
    std::vector<absl::StatusOr<StateResponse>> states;
    for (const auto& call : calls_) states.push_back(std::move(call->state));
    return states;
  }

 private:
  struct Call {
    std::string fault;
    std::unique_ptr<diego::Cell::Stub> stub;
    grpc::ClientContext context;
    StateRequest request;
    StateResponse response;
    absl::StatusOr<StateResponse> state;
  };

  void StartGrpc(const std::string& address, Call* call) {
    call->stub = StubAt(session_, address);
    rpc::SetTimeout(&call->context, kCellTimeout);
    call->context.AddMetadata("x-vcap-request-id", session_.request_id());
    call->stub->async()->State(&call->context, &call->request, &call->response,
                               [this, call](const grpc::Status& status) {
                                 if (status.ok()) return End(call, std::move(call->response));
                                 End(call, rpc::FromGrpc(status));
                               });
  }

  void StartHttp(const std::string& url, Call* call) {
    if (http_ == nullptr) {
      http_ = std::make_unique<clients::HttpCells>(
          clients::HttpCellsOptions{.tls = session_.HttpTls(), .state_timeout = kCellTimeout});
    }
    http_->State(
        url,
        [this, call](absl::StatusOr<CellState> state) {
          if (state.ok()) return End(call, wire::ToProto(*state));
          End(call, state.status());
        },
        session_.request_id());
  }

  void End(Call* call, absl::StatusOr<StateResponse> state) {
    call->state = state.ok() ? std::move(state) : RepFailure(call->fault, state.status());
    under_way_.With([](int& count) { --count; });
  }

  void WaitBelow(int limit) {
    under_way_.When([limit](int count) { return count < limit; }, absl::InfiniteDuration(),
                    [](int, bool) {});
  }

  const Session& session_;
  std::vector<std::unique_ptr<Call>> calls_;
  Guarded<int> under_way_;
  std::unique_ptr<clients::HttpCells> http_;
};

// `what` as "evacuate cell"; the failure names the cell. `instead`: see StubOf.
template <typename Request, typename Response>
absl::Status CallCell(const Session& session, const models::CellPresence& cell,
                      absl::string_view what, absl::string_view instead,
                      grpc::Status (diego::Cell::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                      const Request& request, Response* response) {
  const std::string fault = absl::StrCat("Failed to ", what, " ", cell.cell_id());
  const auto stub = StubOf(session, cell, instead);
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
  return WithHint(Failure(ExitCode::kCall, "Cell not found"),
                  absl::StrCat("no cell is called '", cell_id, "'; `cfdot cells` lists them"));
}

std::vector<absl::StatusOr<StateResponse>> FetchStates(
    Session& session, const std::vector<models::CellPresence>& cells) {
  StateCalls calls(session);
  for (const models::CellPresence& cell : cells) calls.Start(cell);
  return calls.Finish();
}

absl::StatusOr<ContainerMetricsResponse> FetchMetrics(Session& session,
                                                      const models::CellPresence& cell) {
  ContainerMetricsResponse response;
  DIEGO_RETURN_IF_ERROR(
      CallCell(session, cell, "get container metrics of cell", "read them from its own HTTP",
               &diego::Cell::Stub::ContainerMetrics, ContainerMetricsRequest(), &response));
  return response;
}

absl::Status Evacuate(Session& session, const models::CellPresence& cell) {
  EvacuateRequest request;
  request.set_cell_id(cell.cell_id());
  EvacuateResponse response;
  return CallCell(session, cell, "evacuate cell", "have it evacuated on its own machine",
                  &diego::Cell::Stub::Evacuate, request, &response);
}

absl::Status ReadLogs(Session& session, const models::CellPresence& cell,
                      const LogsRequest& request,
                      const std::function<void(const LogsResponse&)>& take) {
  const std::string fault = absl::StrCat("Failed to get logs of ", request.container_guid(),
                                         " from cell ", cell.cell_id());
  const auto stub = StubOf(session, cell, "it keeps no logs");
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
