// The table of all commands. Source: reference/cli-cfdot.md.
#pragma once

#include <vector>

#include "services/cfdot/command.h"

namespace diego::cfdot {

// In the order in which help lists them.
std::vector<Command> AllCommands();

// The parts of it.
std::vector<Command> ActualLrpCommands();
std::vector<Command> DesiredLrpCommands();
std::vector<Command> TaskCommands();
std::vector<Command> DomainCommands();
std::vector<Command> CellCommands();
std::vector<Command> EventCommands();
std::vector<Command> ExplainCommands();
std::vector<Command> LogCommands();
std::vector<Command> LocketCommands();
// help and completion; see help.h.
std::vector<Command> AboutCommands();

}  // namespace diego::cfdot
