// The definitions of a desired LRP: which there are, and which one an instance is to run.
// Source: reference/design-notes.md section 3; docs/adr/0013-rolling-updates.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"

namespace diego::bbs {

// The active one as a value of its own.
LrpDefinition ActiveOf(const DesiredLrp& lrp);
// nullptr for the active one, and for one that is not kept.
const LrpDefinition* FindKept(const DesiredLrp& lrp, absl::string_view id);
bool Knows(const DesiredLrp& lrp, absl::string_view id);
// The LRP as it looks with this definition, for whoever runs it; nullopt when it is not kept.
std::optional<DesiredLrp> WithDefinition(const DesiredLrp& lrp, absl::string_view id);

// Makes `next` the active definition; the one that was active is kept, as the newest.
void Activate(LrpDefinition next, DesiredLrp* lrp, Rollout* rollout);

// What an instance of `index` runs when it is started now: the active definition where the roll
// stands, elsewhere the last that was healthy.
const std::string& DefinitionFor(const DesiredLrp& lrp, int32_t index);
// The same for a row that is about to wait for a place; nobody knows the LRP: as it is.
void Redesignate(const DesiredLrp* lrp, ActualLrp* row);
// What the row runs or waits to run. A row that does not say was written by a program that knows
// the active definition only, or before the first update.
const std::string& DefinitionOf(const ActualLrp& row, const DesiredLrp& lrp);

// Instances that a roll told to stop; the last few are remembered.
void NoteStopped(const InstanceKey& instance, Rollout* rollout);
bool IsStopped(const DesiredLrp* lrp, const InstanceKey& instance);

// How far a roll has come is not told as an event: what clients see of the LRP is the same.
// nullptr: the LRP appears or disappears.
bool IsRollProgress(const DesiredLrp* before, const DesiredLrp* after);

// True when the old instance of the index stands beside its successor, as its evacuating row.
bool StandsBeside(const DesiredLrp* lrp, int32_t index);

}  // namespace diego::bbs
