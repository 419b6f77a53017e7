#include "services/cfdot/cells.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "libs/base/status_util.h"
#include "libs/wire/cell_json.h"
#include "libs/wire/cell_state.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

std::string HeldText(const models::HeldCellLosses& held) {
  return absl::StrCat(
      "the BBS holds back the loss of cells since ",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixNanos(held.since()),
                       absl::UTCTimeZone()),
      ": ", held.cause(),
      held.cell_ids().empty() ? "" : "; missing: ", absl::StrJoin(held.cell_ids(), ", "),
      ". Their instances are not replaced until the cells are back or you accept the losses "
      "(cfdot accept-cell-losses)");
}

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  DIEGO_ASSIGN_OR_RETURN(const models::CellsResponse listing, FetchCellListing(session));
  PrintRecords(session,
               std::vector<models::CellPresence>(listing.cells().begin(), listing.cells().end()));
  // Beside the records, which scripts read.
  if (listing.has_held_losses()) session.io().err << HeldText(listing.held_losses()) << '\n';
  return absl::OkStatus();
}

absl::Status RunAccept(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  AcceptCellLossesResponse response;
  DIEGO_RETURN_IF_ERROR(
      session.CallBbs(&BbsPeer::Stub::AcceptCellLosses, AcceptCellLossesRequest(), &response));
  for (const std::string& cell : response.cell_ids()) session.Print(JsonString(cell));
  return absl::OkStatus();
}

absl::Status RunGet(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, session.invocation().arguments[0]));
  PrintRecord(session, cell);
  return absl::OkStatus();
}

// Prints the states that came; the failures, line by line, are the command's.
absl::Status PrintStates(Session& session, const std::vector<models::CellPresence>& cells) {
  std::vector<StateResponse> states;
  std::vector<std::string> faults;
  for (absl::StatusOr<StateResponse>& state : FetchStates(session, cells)) {
    if (state.ok()) {
      states.push_back(*std::move(state));
    } else {
      faults.emplace_back(state.status().message());
    }
  }
  if (!states.empty() || faults.empty()) PrintRecords(session, states);
  if (faults.empty()) return absl::OkStatus();
  return Failure(ExitCode::kComponent, absl::StrJoin(faults, "\n"));
}

absl::Status RunState(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, session.invocation().arguments[0]));
  return PrintStates(session, {cell});
}

absl::Status RunStates(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  DIEGO_ASSIGN_OR_RETURN(const auto cells, FetchCells(session));
  return PrintStates(session, cells);
}

// As the original's rep tells it, or a row a container.
absl::Status RunMetrics(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, session.invocation().arguments[0]));
  DIEGO_ASSIGN_OR_RETURN(const ContainerMetricsResponse metrics, FetchMetrics(session, cell));
  if (!session.as_table()) {
    session.Print(wire::CellUsageToJson(wire::FromProto(metrics)));
    return absl::OkStatus();
  }
  std::vector<Row> rows;
  for (const ContainerMetric& metric : metrics.containers()) rows.push_back(RowOf(metric));
  session.io().out << FormatTable(TitlesOf(ContainerMetric()), rows);
  return absl::OkStatus();
}

absl::Status RunEvacuate(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, session.invocation().arguments[0]));
  return Evacuate(session, cell);
}

}  // namespace

std::vector<Command> CellCommands() {
  return {
      {"cells",
       "",
       "list cells, and say so when the loss of cells is held back",
       Peers::kBbs,
       {},
       RunList},
      {"accept-cell-losses",
       "",
       "say that missing cells are gone, so that their instances are replaced",
       Peers::kBbs,
       {},
       RunAccept},
      {"cell", "CELL_ID", "show one cell", Peers::kBbs, {}, RunGet},
      {"cell-state",
       "CELL_ID",
       "ask a cell what runs there and what is free",
       Peers::kBbs,
       {},
       RunState},
      {"cell-states",
       "",
       "ask all cells what runs there and what is free",
       Peers::kBbs,
       {},
       RunStates},
      {"cell-metrics",
       "CELL_ID",
       "ask a cell what its containers use",
       Peers::kBbs,
       {},
       RunMetrics},
      {"evacuate-cell",
       "CELL_ID",
       "have a cell move its work to others and end; follow it with cell-state",
       Peers::kBbs,
       {},
       RunEvacuate},
  };
}

}  // namespace diego::cfdot
