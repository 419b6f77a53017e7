// What routers need of a desired LRP, its routes read from their JSON. Pure function.
// Source: reference/route-emitter.md "Keys in DesiredLRP.routes".
#pragma once

#include <string>
#include <vector>

#include "libs/models/desired_lrp.h"
#include "services/route-emitter/core/registration.h"

namespace diego::route_emitter {

struct ParsedRoutes {
  RoutingInfo info;
  // What was left out because it cannot be read, each with the router's key and the reason.
  std::vector<std::string> faults;
};

// An entry that cannot be read is left out; the others count.
ParsedRoutes ParseRoutes(const DesiredLrp& lrp);

}  // namespace diego::route_emitter
