// The HTTP routes of the original's auctioneer, in its JSON. Handlers do not block.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer".
#pragma once

#include "libs/http/router.h"
#include "services/auctioneer/api/auction_calls.h"

namespace diego::auctioneer {

// 202 {} for what was taken; malformed requests are dropped without a word but in the log. `calls`
// outlives the routes.
http::Router AuctioneerRoutes(AuctionCalls& calls);

}  // namespace diego::auctioneer
