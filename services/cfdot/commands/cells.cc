#include "services/cfdot/cells.h"

#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  DIEGO_ASSIGN_OR_RETURN(const auto cells, FetchCells(session));
  PrintRecords(session, cells);
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

absl::Status RunEvacuate(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, session.invocation().arguments[0]));
  return Evacuate(session, cell);
}

}  // namespace

std::vector<Command> CellCommands() {
  return {
      {"cells", "", "list cells", Peers::kBbs, {}, RunList},
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
      {"evacuate-cell",
       "CELL_ID",
       "have a cell move its work to others and end; follow it with cell-state",
       Peers::kBbs,
       {},
       RunEvacuate},
  };
}

}  // namespace diego::cfdot
