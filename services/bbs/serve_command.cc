#include "services/bbs/serve_command.h"

#include <algorithm>
#include <functional>

#include "absl/strings/string_view.h"
#include "libs/config/run_service.h"
#include "libs/log/log.h"
#include "services/bbs/config.h"
#include "services/bbs/server.h"

namespace diego::bbs {
namespace {

// Words that may stand in place of the flags.
constexpr char kCommands[] =
    "\nCommands for an operator, each with a --help of its own:\n\n"
    "  bbs migrate      brings the database to a version of the schema, or shows the plan\n"
    "  bbs quarantine   lists the stored rows that could not be read\n";

bool AsksForHelp(int argc, char** argv) {
  return std::any_of(argv + 1, argv + argc, [](absl::string_view argument) {
    return argument == "--help" || argument == "-help" || argument == "-h";
  });
}

}  // namespace

int RunServeCommand(int argc, char** argv, std::ostream& out, std::ostream& err,
                    const Clock& clock) {
  const auto start = [&clock](const BbsConfig& config, const log::Logger& log,
                              const std::function<void(int)>& end) {
    return BbsServer::Start(config, clock, log, end);
  };
  const int exit_code = config::RunService("bbs", BbsConfigTable(), argc, argv, out, err, start);
  if (AsksForHelp(argc, argv)) out << kCommands;
  return exit_code;
}

}  // namespace diego::bbs
