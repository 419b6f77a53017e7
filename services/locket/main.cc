// locket: leases on keys, that elect singletons and announce cells.
#include <iostream>
#include <memory>

#include "libs/config/command_line.h"
#include "libs/log/log.h"
#include "libs/sql/error.h"
#include "libs/sync/termination.h"
#include "services/locket/config.h"
#include "services/locket/server.h"

int main(int argc, char** argv) {
  diego::Termination termination;
  diego::locket::LocketConfig config;
  const diego::config::Start start = diego::config::FromCommandLine(
      diego::locket::LocketConfigTable(), argc, argv, std::cout, std::cerr, &config);
  if (start.exit_code) return *start.exit_code;

  const diego::log::Logger log(diego::config::LogOptions(config.logging, "locket"));
  for (const diego::config::IgnoredKey& key : start.ignored) {
    log.Info("ignored-config-key", {{"key", key.name}, {"reason", key.reason}});
  }
  const auto start_server = [&] {
    return diego::locket::LocketServer::Start(
        config, log, [&termination](int exit_code) { termination.Request(exit_code); });
  };
  auto server = start_server();
  // A database that is away comes back; whatever else is wrong does not mend itself.
  while (diego::sql::KindOf(server.status()) == diego::sql::ErrorKind::kConnectionLost) {
    log.Error("waiting-for-database", server.status());
    if (const auto ended = termination.WaitFor(absl::Seconds(1))) return *ended;
    server = start_server();
  }
  if (!server.ok()) {
    log.Error("failed-to-start", server.status());
    return 1;
  }
  const int exit_code = termination.Wait();
  log.Info("exiting", {{"exit_code", exit_code}});
  server->reset();
  return exit_code;
}
