#include "services/rep/core/cpu_use.h"

#include <algorithm>
#include <utility>

namespace diego::rep {
namespace {

constexpr absl::Duration kShortestSpan = absl::Seconds(1);

double FractionOf(absl::Duration cpu_time, absl::Duration span) {
  if (span <= absl::ZeroDuration()) return 0;
  return std::max(0.0, absl::FDivDuration(cpu_time, span));
}

}  // namespace

std::vector<double> CpuUse::Take(const std::vector<CpuReading>& readings) {
  std::vector<double> fractions;
  fractions.reserve(readings.size());
  std::map<std::string, Last> next;
  for (const CpuReading& reading : readings) {
    Last now{reading.cpu_time, reading.age, 0};
    const auto found = last_.find(reading.guid);
    const absl::Duration span =
        found == last_.end() ? absl::ZeroDuration() : reading.age - found->second.age;
    if (found == last_.end() || span <= -kShortestSpan) {
      // Much younger than before: another container of the same guid.
      now.fraction = FractionOf(now.cpu_time, now.age);
    } else if (span < kShortestSpan) {
      now = found->second;
    } else {
      now.fraction = FractionOf(now.cpu_time - found->second.cpu_time, span);
    }
    fractions.push_back(now.fraction);
    next.insert_or_assign(reading.guid, now);
  }
  last_ = std::move(next);
  return fractions;
}

}  // namespace diego::rep
