// rep: runs the work of one cell in containers and keeps the BBS told what is true.
#include <iostream>
#include <memory>

#include "libs/config/command_line.h"
#include "libs/log/log.h"
#include "libs/sync/termination.h"
#include "services/rep/config.h"
#include "services/rep/server.h"

int main(int argc, char** argv) {
  diego::Termination termination;
  diego::rep::RepConfig config;
  const diego::config::Start start = diego::config::FromCommandLine(
      diego::rep::RepConfigTable(), argc, argv, std::cout, std::cerr, &config);
  if (start.exit_code) return *start.exit_code;

  const diego::log::Logger log(diego::config::LogOptions(config.logging, "rep"));
  for (const diego::config::IgnoredKey& key : start.ignored) {
    log.Info("ignored-config-key", {{"key", key.name}, {"reason", key.reason}});
  }
  auto server =
      diego::rep::RepServer::Start(config, log, [&termination] { termination.Request(0); });
  if (!server.ok()) {
    log.Error("failed-to-start", server.status());
    return 1;
  }
  const int exit_code = termination.Wait();
  log.Info("exiting", {{"exit_code", exit_code}});
  server->reset();
  return exit_code;
}
