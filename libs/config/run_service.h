// RunService: what the main of every service does.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "libs/config/command_line.h"
#include "libs/config/shared_blocks.h"
#include "libs/log/log.h"
#include "libs/sync/termination.h"

namespace diego::config {

// Whether a start that failed so may be tried again, as its cause may pass.
using MayPass = std::function<bool(const absl::Status&)>;

// Reads the configuration, starts the server, and waits for SIGTERM, SIGINT, or for the server to
// ask for its own end. Returns the exit code. `start(config, log, end)` returns a StatusOr of a
// unique_ptr, which is reset before RunService returns. `Config` has a member `logging`. To be
// called once, before the process has a second thread.
template <typename Config, typename StartServer>
int RunService(const std::string& name, const Table<Config>& table, int argc,
               const char* const* argv, std::ostream& out, std::ostream& err,
               const StartServer& start, const MayPass& may_pass = {}) {
  Termination termination;
  Config config;
  const Start read = FromCommandLine(table, argc, argv, out, err, &config);
  if (read.exit_code) return *read.exit_code;

  const log::Logger log(LogOptions(config.logging, name));
  for (const Notice& notice : read.notices) {
    log.Info(notice.kind == Notice::Kind::kIgnored ? "ignored-config-key" : "bounded-config-key",
             {{"key", notice.key}, {"reason", notice.text}});
  }
  const auto end = [&termination](int exit_code) { termination.Request(exit_code); };
  auto server = start(config, log, end);
  while (!server.ok() && may_pass && may_pass(server.status())) {
    log.Error("waiting-to-start", server.status());
    if (const auto ended = termination.WaitFor(absl::Seconds(1))) return *ended;
    server = start(config, log, end);
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

}  // namespace diego::config
