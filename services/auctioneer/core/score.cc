#include "services/auctioneer/core/score.h"

#include <algorithm>
#include <cmath>

namespace diego::auctioneer {
namespace {

Score FromDouble(double value) {
  return static_cast<Score>(std::llround(value * static_cast<double>(kScoreOne)));
}

double UsedFraction(int64_t available, int64_t total) {
  if (total <= 0) return 1;
  return std::max(0.0, 1.0 - static_cast<double>(available) / static_cast<double>(total));
}

double NeededFraction(int64_t need, int64_t total) {
  return total <= 0 ? 0 : static_cast<double>(need) / static_cast<double>(total);
}

}  // namespace

Score UsageOf(const Resources& available, const Resources& total) {
  return FromDouble((UsedFraction(available.memory_mb, total.memory_mb) +
                     UsedFraction(available.disk_mb, total.disk_mb) +
                     UsedFraction(available.containers, total.containers)) /
                    3);
}

Score UsageIncrease(const Resources& total, const Need& need) {
  return FromDouble((NeededFraction(need.memory_mb, total.memory_mb) +
                     NeededFraction(need.disk_mb, total.disk_mb) +
                     NeededFraction(1, total.containers)) /
                    3);
}

Score Weighted(int64_t count, double weight) {
  return FromDouble(static_cast<double>(count) * weight);
}

}  // namespace diego::auctioneer
