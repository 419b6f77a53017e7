// The two HTTP servers of the original's rep, in its JSON. Handlers do not block.
// Source: reference/rep-auctioneer-http-api.md "Rep: servers".
#pragma once

#include <functional>

#include "libs/http/router.h"
#include "services/rep/api/cell_calls.h"

namespace diego::rep {

// For the network: what a BBS and an auctioneer of the original call. `calls` outlives the routes.
http::Router NetworkRoutes(CellCalls& calls);

// For this machine: /ping, and /evacuate, which calls `evacuate` and answers that it has begun.
http::Router LocalRoutes(CellCalls& calls, std::function<void()> evacuate);

}  // namespace diego::rep
