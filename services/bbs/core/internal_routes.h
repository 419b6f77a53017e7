// Internal routes (container-to-container DNS names) and metric tags: what a desired LRP asks of
// its instances besides running. Source: reference/route-emitter.md, "internal-router";
// reference/behaviours.md section 2 "rep update" and section 6 "drift".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"

namespace diego::bbs {

// The key of Routes whose value is a JSON array of {"hostname": "…"}.
inline constexpr char kInternalRouter[] = "internal-router";

// The hostnames of the internal-router entry, in its order; none when there is no entry or it is
// not such an array (routes are opaque to everyone but their router).
std::vector<std::string> InternalRouteHostnames(const Routes& routes);

// The tags as this instance carries them: dynamic values become its index or instance guid.
std::map<std::string, std::string> ResolvedMetricTags(const MetricTags& tags, const ActualLrp& lrp);

}  // namespace diego::bbs
