// bbs: the database API: what is desired, what runs, and what to do about the difference.
#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/string_view.h"
#include "libs/config/command_line.h"
#include "libs/log/log.h"
#include "libs/sync/termination.h"
#include "services/bbs/config.h"
#include "services/bbs/migrate_command.h"
#include "services/bbs/quarantine_command.h"
#include "services/bbs/server.h"

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

int main(int argc, char** argv) {
  if (argc > 1 && absl::string_view(argv[1]) == "migrate") {
    return diego::bbs::RunMigrateCommand(argc - 1, argv + 1, std::cout, std::cerr);
  }
  if (argc > 1 && absl::string_view(argv[1]) == "quarantine") {
    return diego::bbs::RunQuarantineCommand(argc - 1, argv + 1, std::cout, std::cerr);
  }
  diego::Termination termination;
  diego::bbs::BbsConfig config;
  const diego::config::Start start = diego::config::FromCommandLine(
      diego::bbs::BbsConfigTable(), argc, argv, std::cout, std::cerr, &config);
  if (start.exit_code) {
    if (AsksForHelp(argc, argv)) std::cout << kCommands;
    return *start.exit_code;
  }

  const diego::log::Logger log(diego::config::LogOptions(config.logging, "bbs"));
  for (const diego::config::IgnoredKey& key : start.ignored) {
    log.Info("ignored-config-key", {{"key", key.name}, {"reason", key.reason}});
  }
  auto server = diego::bbs::BbsServer::Start(
      config, log, [&termination](int exit_code) { termination.Request(exit_code); });
  if (!server.ok()) {
    log.Error("failed-to-start", server.status());
    return 1;
  }
  const int exit_code = termination.Wait();
  log.Info("exiting", {{"exit_code", exit_code}});
  server->reset();
  return exit_code;
}
