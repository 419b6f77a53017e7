// The life of an instance: claim, start, crash, fail, remove, retire.
//
//   (no row) --desire--> UNCLAIMED --claim--> CLAIMED --start--> RUNNING
//   CLAIMED, RUNNING --crash--> UNCLAIMED (restart at once) or CRASHED (convergence restarts it)
//
// Source: reference/behaviours.md section 1.
#pragma once

#include <vector>

#include "libs/base/random.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const ClaimActualLrp& command);
Outcome Decide(const Facts& facts, const StartActualLrp& command);
Outcome Decide(const Facts& facts, const CrashActualLrp& command);
Outcome Decide(const Facts& facts, const FailActualLrp& command);
Outcome Decide(const Facts& facts, const RemoveActualLrp& command);
Outcome Decide(const Facts& facts, const RetireActualLrp& command);

// Crashes an ordinary row by the table of section 1, without asking for an auction.
Outcome CrashOrdinary(const Facts& facts, const ActualLrpKey& key, const InstanceKey& instance,
                      const std::string& reason);

// Creates an UNCLAIMED row for each index in [from, to) that has no ordinary row, and asks for
// places for those that were created.
void CreateUnclaimedRange(const Facts& facts, const DesiredLrp& desired, int32_t from, int32_t to,
                          Random* random, Outcome* outcome);
// For every non-evacuating row with an index from `from` on: removed when nobody holds it,
// otherwise its cell is asked to stop it. Section 2, "stop from index i".
void StopFrom(const Facts& facts, const ProcessGuid& process_guid, int32_t from, Outcome* outcome);

}  // namespace diego::bbs
