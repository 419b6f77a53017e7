#include "services/bbs/http_door.h"

#include <utility>

#include "libs/base/clock.h"

namespace diego::bbs {
namespace {
// Streams have ended by then, calls are answered.
constexpr absl::Duration kGrace = absl::Milliseconds(300);
}  // namespace

absl::Status HttpDoor::Open() {
  if (!servers_.empty()) return absl::OkStatus();
  for (const http::ServerOptions& options : options_) {
    auto server = http::Server::Start(options, handler_);
    if (!server.ok()) {
      servers_.clear();
      return server.status();
    }
    log_.Info("open", {{"address", (*server)->address()}});
    servers_.push_back(*std::move(server));
  }
  port_.With([this](int& port) { port = servers_.empty() ? 0 : servers_.front()->port(); });
  return absl::OkStatus();
}

void HttpDoor::Close() {
  if (servers_.empty()) return;
  port_.With([](int& port) { port = 0; });
  for (const auto& server : servers_) server->Shutdown(kGrace);
  servers_.clear();
  log_.Info("closed");
}

int HttpDoor::port() const {
  return port_.With([](const int& port) { return port; });
}

}  // namespace diego::bbs
