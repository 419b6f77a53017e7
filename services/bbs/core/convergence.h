// Convergence: mends the difference between what is desired and what is.
//
// A pass walks domains, then every index that is desired or has a row, then tasks, in key order, in
// slices of at most Converge::row_budget rows. At each index the steps of the reference are taken
// in their order; they look at nothing beyond the index, its desired LRP, its domain and the live
// cells, so walking the indices once comes to the same as walking them once for each step.
//
// Source: reference/behaviours.md section 6; design-notes.md section 7. Where this does more:
// - an index is missing or extra by itself, not by the number of rows: a gap and an extra row do
//   not hide each other;
// - only indices that are wanted are started again or made suspect; an extra one on a missing cell
//   is retired, and a suspect row beyond the count goes with it (it would keep its routes for
//   ever).
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const Converge& command);

}  // namespace diego::bbs
