// Rolling from one definition of a desired LRP to another, index by index.
//
//   the index's old instance runs --begin--> it stands beside a new one (evacuating + ordinary row)
//   the new one runs and is routable --> the old one is stopped; on to the next index
//   the old one crashes, is evacuated, loses its cell --> taken back: it is the ordinary instance
//       again, the new one goes, and what is usual follows, with the last healthy definition
//   the new one does not come up --> tried without end while no instance of its definition ever
//       ran; later on the index is given up for a while and the next one has its turn
//
// Rules of single calls keep to the rows of their index; how the roll goes on is decided from the
// rows as they stand after each command (RollOn), whatever command it was.
// Source: reference/design-notes.md section 3; docs/adr/0013-rolling-updates.md.
#pragma once

#include "absl/status/status.h"
#include "services/bbs/core/definitions.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {

// How long an index may fail to run a definition that runs elsewhere, and when it is tried again.
inline constexpr absl::Duration kGiveIndexUpAfter = absl::Minutes(5);
inline constexpr absl::Duration kRetryIndexAfter = absl::Minutes(10);
// Definitions beyond those in use that are kept to roll back to, how many there may be in all, and
// how large they may be together: they are stored with the LRP's row.
inline constexpr size_t kKeptForRollBack = 5;
inline constexpr size_t kMostDefinitions = 20;
inline constexpr size_t kMostKeptBytes = size_t{4} << 20;

Outcome Decide(const Facts& facts, const CancelDesiredLrpUpdate& command);
Outcome Decide(const Facts& facts, const RollBackDesiredLrp& command);

// Makes `next` the active definition of `lrp` and begins to roll to it. Row changes and effects of
// an interrupted roll go to `outcome`, the rows that it leaves to `facts`. InvalidRequest, and
// nothing done, when the definitions in use are too many or too large.
absl::Status StartRoll(LrpDefinition next, Facts* facts, DesiredLrp* lrp, Outcome* outcome);

// Undoes the roll at the index it stands at, given that the old instance is there: the new one goes
// and the old one is the ordinary instance again. Returns the LRP and changes `rows` accordingly.
Record<DesiredLrp> TakeBack(const Record<DesiredLrp>& lrp, State::ActualLrpRows* rows,
                            Outcome* outcome);
// What is to happen before the rule's turn: an old instance that stands beside its successor is
// taken back when it reports its end or is evacuated.
void TakeBackFor(const Command& command, Facts* facts, Outcome* outcome);

// After every command: moves every roll on that the outcome's changes, or time, let go on.
void RollOn(const Facts& facts, Outcome* outcome);

}  // namespace diego::bbs
