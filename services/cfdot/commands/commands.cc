#include "services/cfdot/commands/commands.h"

#include <iterator>
#include <utility>

namespace diego::cfdot {

std::vector<Command> AllCommands() {
  std::vector<Command> all;
  for (auto part :
       {DesiredLrpCommands, ActualLrpCommands, ExplainCommands, TaskCommands, DomainCommands,
        CellCommands, EventCommands, LogCommands, LocketCommands, AboutCommands}) {
    std::vector<Command> commands = part();
    std::move(commands.begin(), commands.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace diego::cfdot
