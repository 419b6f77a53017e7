// Execute: the whole decision of the BBS, a function from values to values.
#pragma once

#include "services/bbs/core/command.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/core/state.h"

namespace diego::bbs {

// Decides what `command` comes to in `state` at `stamp.now`. Changes nothing: the caller applies
// Outcome::changes in order. Deterministic: equal arguments give equal outcomes.
Outcome Execute(const State& state, const Command& command, const Stamp& stamp,
                const RuleSettings& settings);

}  // namespace diego::bbs
