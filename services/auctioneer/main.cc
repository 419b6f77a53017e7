// auctioneer: decides which cell runs what.
#include <iostream>
#include <memory>

#include "libs/config/command_line.h"
#include "libs/log/log.h"
#include "libs/sync/termination.h"
#include "services/auctioneer/config.h"
#include "services/auctioneer/server.h"

int main(int argc, char** argv) {
  diego::Termination termination;
  diego::auctioneer::AuctioneerConfig config;
  const diego::config::Start start = diego::config::FromCommandLine(
      diego::auctioneer::AuctioneerConfigTable(), argc, argv, std::cout, std::cerr, &config);
  if (start.exit_code) return *start.exit_code;

  const diego::log::Logger log(diego::config::LogOptions(config.logging, "auctioneer"));
  for (const diego::config::IgnoredKey& key : start.ignored) {
    log.Info("ignored-config-key", {{"key", key.name}, {"reason", key.reason}});
  }
  auto server = diego::auctioneer::AuctioneerServer::Start(config, log);
  if (!server.ok()) {
    log.Error("failed-to-start", server.status());
    return 1;
  }
  const int exit_code = termination.Wait();
  log.Info("exiting", {{"exit_code", exit_code}});
  server->reset();
  return exit_code;
}
