#include "services/bbs/serve_command.h"

#include <algorithm>

#include "absl/strings/string_view.h"
#include "libs/config/command_line.h"
#include "libs/log/log.h"
#include "libs/sync/termination.h"
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
  Termination termination;
  BbsConfig config;
  const config::Start start =
      config::FromCommandLine(BbsConfigTable(), argc, argv, out, err, &config);
  if (start.exit_code) {
    if (AsksForHelp(argc, argv)) out << kCommands;
    return *start.exit_code;
  }

  const log::Logger log(config::LogOptions(config.logging, "bbs"));
  for (const config::IgnoredKey& key : start.ignored) {
    log.Info("ignored-config-key", {{"key", key.name}, {"reason", key.reason}});
  }
  auto server = BbsServer::Start(config, clock, log,
                                 [&termination](int exit_code) { termination.Request(exit_code); });
  if (!server.ok()) {
    log.Error("failed-to-start", server.status());
    return 1;
  }
  const int exit_code = termination.Wait();
  log.Info("exiting", {{"exit_code", exit_code}});
  server->reset();
  return exit_code;
}

}  // namespace diego::bbs
