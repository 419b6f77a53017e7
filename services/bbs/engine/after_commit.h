// AfterCommit: the engine's port to the outside world: told, in order, of what committed calls ask
// of others. Implemented in effects/.
#pragma once

#include <string>
#include <vector>

#include "services/bbs/core/outcome.h"

namespace diego::bbs {

class AfterCommit {
 public:
  virtual ~AfterCommit() = default;
  // Called on the publisher's thread with the effects of one committed call, and the trace id of
  // the request it served, if any. Must not block: what cannot be taken is dropped, as effects are
  // not stored and convergence finds what is missing.
  virtual void Act(std::vector<Effect> effects, const std::string& trace_id) = 0;
};

}  // namespace diego::bbs
