// The health port of the original's monitors: 200 to plain HTTP, at any path, while the process is
// up. Source: reference/config-and-metrics.md, health_address; reference/route-emitter.md, health.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/http/server.h"

namespace diego::http {

// `address` is "host:port" of any interface: what is answered is no secret. `name` is that of the
// threads. Errors as of Server::Start.
absl::StatusOr<std::unique_ptr<Server>> ServeHealth(const std::string& address,
                                                    const std::string& name);

}  // namespace diego::http
