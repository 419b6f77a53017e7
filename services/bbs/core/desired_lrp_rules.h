// Desired LRPs: desire, update, remove, and what that does to their instances.
// Source: reference/behaviours.md section 2.
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const DesireLrp& command);
Outcome Decide(const Facts& facts, const UpdateDesiredLrp& command);
Outcome Decide(const Facts& facts, const RemoveDesiredLrp& command);

}  // namespace diego::bbs
