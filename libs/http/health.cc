#include "libs/http/health.h"

#include <utility>

namespace diego::http {

absl::StatusOr<std::unique_ptr<Server>> ServeHealth(const std::string& address,
                                                    const std::string& name) {
  ServerOptions options;
  options.address = address;
  options.plain_anywhere = true;
  options.name = name;
  options.threads = 1;
  options.limits = {.header_bytes = 16 << 10, .body_bytes = 64 << 10};
  options.connections = 1000;
  return Server::Start(std::move(options),
                       [](const Request&, const Responder& responder) { responder.Send({}); });
}

}  // namespace diego::http
