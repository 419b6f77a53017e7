#include "libs/base/status_util.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/help.h"
#include "services/cfdot/parse.h"

namespace diego::cfdot {
namespace {

absl::Status RunHelp(Session& session) {
  const std::vector<Command> commands = AllCommands();
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.empty()) {
    session.io().out << OverviewText(commands);
    return absl::OkStatus();
  }
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  const Command* command = FindCommand(arguments[0], commands);
  if (command == nullptr) return UnknownCommand(arguments[0], commands);
  session.io().out << CommandText(*command, /*brief=*/false);
  return absl::OkStatus();
}

absl::Status RunCompletion(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DIEGO_ASSIGN_OR_RETURN(const std::string script,
                         CompletionScript(session.invocation().arguments[0], AllCommands()));
  session.io().out << script;
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> AboutCommands() {
  return {
      {"completion",
       "bash|zsh|fish",
       "print a completion script for a shell",
       Peers::kNone,
       {},
       RunCompletion},
      {"help", "[COMMAND]", "say what a command does", Peers::kNone, {}, RunHelp},
  };
}

}  // namespace diego::cfdot
