// One line in a log for each request that is answered: who asked for what, and what he got.
#pragma once

#include "libs/base/clock.h"
#include "libs/http/router.h"
#include "libs/log/log.h"

namespace diego::http {

// A handler that does what `handler` does. Its lines are "request", at level info: method, path,
// status, bytes of the body and the time it took; the client's common name and the trace id where
// there is one. A stream has its line when it begins. What the server refuses by itself has none.
// `clock` outlives the handler.
Handler WithAccessLog(Handler handler, const log::Logger& log, const Clock& clock = RealClock());

}  // namespace diego::http
