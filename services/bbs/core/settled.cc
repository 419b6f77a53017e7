#include "services/bbs/core/settled.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "services/bbs/core/internal_routes.h"

namespace diego::bbs {
namespace {

bool SameNames(std::vector<std::string> a, std::vector<std::string> b) {
  if (a == b) return true;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

// As comparing with ResolvedMetricTags, which is asked for every row that changes.
bool HoldsTags(const MetricTags& desired, const ActualLrp& running) {
  if (desired.size() != running.metric_tags.size()) return false;
  auto at = running.metric_tags.begin();
  for (const auto& [name, value] : desired) {
    const auto& [here, text] = *at++;
    if (here != name) return false;
    int32_t index = 0;
    switch (value.dynamic) {
      case MetricTagValue::Dynamic::kIndex:
        if (!absl::SimpleAtoi(text, &index) || index != running.key.index) return false;
        break;
      case MetricTagValue::Dynamic::kInstanceGuid:
        if (text != running.instance.instance_guid.value()) return false;
        break;
      case MetricTagValue::Dynamic::kInvalid:
        if (text != value.static_value) return false;
        break;
    }
  }
  return true;
}

}  // namespace

bool Drifts(const DesiredLrp& desired, const ActualLrp& running) {
  if (!HoldsTags(desired.metric_tags, running)) return true;
  const bool routed = desired.routes.count(kInternalRouter) != 0;
  if (!routed) return !running.internal_routes.empty();
  return !SameNames(InternalRouteHostnames(desired.routes), running.internal_routes);
}

bool IsSettled(const DesiredLrp* desired, int32_t index, const State::ActualLrpRows& rows) {
  if (rows.evacuating() != nullptr || rows.suspect() != nullptr) return false;
  const bool wanted = desired != nullptr && index < desired->instances;
  const Record<ActualLrp>& row = rows.ordinary();
  if (!wanted || row == nullptr) return !wanted && row == nullptr;
  switch (row->state) {
    case ActualLrpState::kUnclaimed:
    case ActualLrpState::kCrashed: return false;
    case ActualLrpState::kClaimed: return true;
    case ActualLrpState::kRunning: return !Drifts(*desired, *row);
  }
  return false;
}

}  // namespace diego::bbs
