// Explanations of instances in words. Pure functions.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "proto/diego/bbs.pb.h"

namespace diego::cfdot {

// "of 12 cells, 3 lack the rootfs; 9 fit: 9 are short of memory (the nearest by 512 MB of 1 GB)".
// "" for a refusal that says nothing.
std::string RefusalText(const models::PlacementRefusal& refusal);

// Why one instance is as it is.
std::string WhyText(const InstanceExplanation& explanation, absl::Time now);

}  // namespace diego::cfdot
