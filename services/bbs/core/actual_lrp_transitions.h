// What becomes of one actual LRP row: pure functions from a row to the next. Which of them a call
// may use is for the rules to say. Source: reference/behaviours.md section 1, the "effect" rows.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/base/random.h"
#include "services/bbs/core/command.h"
#include "services/bbs/core/crash_policy.h"

namespace diego::bbs {

// A new ordinary row that waits for a place: new epoch, index 0, not routable.
ActualLrp NewUnclaimed(const ActualLrpKey& key, absl::Time now, Random* random);
// A new RUNNING row of a presence, from what the cell reports.
ActualLrp NewRunning(const InstanceFacts& facts, Presence presence, absl::Time now, Random* random);

ActualLrp Claimed(const ActualLrp& row, const InstanceKey& instance, absl::Time now);
ActualLrp Started(const ActualLrp& row, const InstanceFacts& facts, absl::Time now);
// Raises the crash count (back to 1 after five minutes of running); CRASHED, or UNCLAIMED when it
// restarts at once.
ActualLrp Crashed(const ActualLrp& row, const std::string& reason, const CrashRules& rules,
                  absl::Time now);
ActualLrp Failed(const ActualLrp& row, const FailActualLrp& why, absl::Time now);
// Keeps the crash count.
ActualLrp Unclaimed(const ActualLrp& row, absl::Time now);
// The same row under another presence: its tag stays.
ActualLrp WithPresence(const ActualLrp& row, Presence presence);

// True when the row holds exactly these facts.
bool HoldsFacts(const ActualLrp& row, const InstanceFacts& facts);

}  // namespace diego::bbs
