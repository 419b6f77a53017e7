// How well a cell suits a piece of work; the lowest score wins.
// Source: reference/behaviours.md section 8 "score", "usage", "starting", "locality", "ordering".
//
//   score = usage + starting × weight + locality + ordering
//
// A score splits into what depends on the cell alone (its load) and what the work adds (its
// increase): both are whole numbers of 2^-32, so their sum is exact, and a tie is a tie on every
// machine and in whatever order it was computed. That is what lets the pool keep cells sorted by
// load and still decide exactly as if it had scored every cell (cell_pool.h).
#pragma once

#include <cstdint>

#include "libs/models/resources.h"
#include "services/auctioneer/core/fit.h"

namespace diego::auctioneer {

using Score = int64_t;  // in units of 2^-32
inline constexpr Score kScoreOne = Score{1} << 32;

// Added for each instance of the same process on the cell, or each task.
inline constexpr Score kLocality = 1000 * kScoreOne;

// By configuration; weights are not negative.
struct Weights {
  double starting_container = 0.25;
  double bin_pack_first_fit = 0.0;
};

// The mean of the used fractions of memory, disk and containers. A resource of which the cell has
// none in all counts as wholly used; one with more left than there is in all as unused.
Score UsageOf(const Resources& available, const Resources& total);
// What `need` adds to that mean on a cell of this size.
Score UsageIncrease(const Resources& total, const Need& need);

// A number times its weight.
Score Weighted(int64_t count, double weight);

}  // namespace diego::auctioneer
