// Convergence: mends the difference between what is desired and what is.
//
// A pass walks domains, the rolls under way, the indices that are not settled (settled.h), what
// absent cells hold, the tasks that do not run, and those of absent cells, in slices of at most
// about Converge::row_budget rows: a pass costs what there is to mend. At each index the steps of
// the reference are taken in their order; they look at nothing beyond the index, its desired LRP,
// its domain and the live cells, so taking all of them at one index after the other comes to the
// same as walking all indices once for each step.
//
// Source: reference/behaviours.md section 6; design-notes.md section 7. Where this does more:
// - an index is missing or extra by itself, not by the number of rows: a gap and an extra row do
//   not hide each other;
// - an index past the count is started again and made suspect like any other only while its domain
//   is not fresh; else it is retired at once, and a suspect row with it (it would keep its routes
//   for ever);
// - when the cells are not known the pass is not skipped: what rests on their absence is.
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const Converge& command);

}  // namespace diego::bbs
