// Moving instances off a cell that is going away: the evacuating and suspect presences beside the
// ordinary one. Source: reference/behaviours.md section 4; design-notes.md section 7.
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const EvacuateClaimedActualLrp& command);
Outcome Decide(const Facts& facts, const EvacuateRunningActualLrp& command);
Outcome Decide(const Facts& facts, const EvacuateStoppedActualLrp& command);
Outcome Decide(const Facts& facts, const EvacuateCrashedActualLrp& command);
Outcome Decide(const Facts& facts, const RemoveEvacuatingActualLrp& command);

}  // namespace diego::bbs
