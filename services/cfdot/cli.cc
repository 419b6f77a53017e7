#include "services/cfdot/cli.h"

#include "libs/base/status_util.h"
#include "libs/config/version.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/help.h"
#include "services/cfdot/parse.h"

namespace diego::cfdot {
namespace {

absl::Status RunCommand(const Invocation& invocation, Io& io) {
  DIEGO_ASSIGN_OR_RETURN(const auto session, Session::Open(invocation, io));
  DIEGO_RETURN_IF_ERROR(invocation.command->run(*session));
  io.out.flush();
  if (!io.out) return Failure(ExitCode::kOther, "stdout cannot be written");
  return absl::OkStatus();
}

absl::Status RunWords(absl::Span<const std::string> words, absl::Span<const Command> commands,
                      Invocation* invocation, Io& io) {
  DIEGO_RETURN_IF_ERROR(Parse(words, commands, invocation));
  if (invocation->Bool("version")) {
    io.out << "cfdot " << config::kVersion << "\n";
  } else if (invocation->command == nullptr) {
    io.out << OverviewText(commands);
  } else if (invocation->help) {
    io.out << CommandText(*invocation->command, /*brief=*/false);
  } else {
    return RunCommand(*invocation, io);
  }
  return absl::OkStatus();
}

}  // namespace

int Run(absl::Span<const std::string> words, Io& io) {
  const std::vector<Command> commands = AllCommands();
  Invocation invocation;
  const absl::Status status = RunWords(words, commands, &invocation, io);
  const ExitCode code = ExitCodeOf(status);
  if (code == ExitCode::kOk) return 0;
  io.out.flush();
  io.err << "error: " << status.message() << "\n";
  if (const std::string hint = HintOf(status); !hint.empty()) io.err << "hint: " << hint << "\n";
  if (code == ExitCode::kValidation) {
    if (invocation.command != nullptr) {
      io.err << "\n" << CommandText(*invocation.command, /*brief=*/true);
    } else {
      io.err << "\nUsage: cfdot COMMAND [ARGS] [FLAGS]; `cfdot help` lists the commands.\n";
    }
  }
  return static_cast<int>(code);
}

}  // namespace diego::cfdot
