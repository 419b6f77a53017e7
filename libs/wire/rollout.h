// Rollout <-> the bytes that the database keeps of it. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/models/lrp_definition.h"

namespace diego::wire {

// A serialized models.LRPRollout.
std::string RolloutBytes(const Rollout& rollout);
// Deserialize when the bytes are no such message.
absl::StatusOr<Rollout> RolloutFromBytes(absl::string_view bytes);

}  // namespace diego::wire
