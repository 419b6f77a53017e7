// Which indices convergence may pass over: those where all is as it should be, as long as their
// cell is there. Everything else is kept in a list by State as rows change, so that a pass costs
// what there is to mend, not what there is. Whatever convergence learns to mend at an index has to
// be told here as well: an index that is settled is looked at only when its cell is absent.
#pragma once

#include <cstdint>

#include "services/bbs/core/state.h"

namespace diego::bbs {

// `desired` may be null. Settled: no row and none wanted; or wanted, held by a cell that knows what
// is desired of it, and neither suspect nor evacuating rows beside it.
bool IsSettled(const DesiredLrp* desired, int32_t index, const State::ActualLrpRows& rows);

// Whether a running instance's internal routes or metric tags differ from what is desired.
// Source: reference/behaviours.md section 6 "drift".
bool Drifts(const DesiredLrp& desired, const ActualLrp& running);

}  // namespace diego::bbs
