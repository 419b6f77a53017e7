// The JSON that routers read and write. Pure functions.
// Source: reference/route-emitter.md "NATS subjects", "RegistryMessage JSON".
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/route-emitter/core/route_message.h"
#include "services/route-emitter/engine/router_bus.h"

namespace diego::route_emitter {

std::string ToJson(const RegistryMessage& message);

// InvalidArgument when it is no object with a register interval, a whole number of seconds (0 is
// one). Longer than a day is a day; a prune threshold that is missing or odd is 0.
absl::StatusOr<RouterStart> ParseRouterStart(absl::string_view json);

}  // namespace diego::route_emitter
