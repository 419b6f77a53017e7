// models.Action -> the plain Action that containers run. Pure function.
// Source: reference/wire-models.md "Actions".
#pragma once

#include "absl/status/statusor.h"
#include "proto/models/actions.pb.h"
#include "services/rep/containers/action.h"

namespace diego::rep {

// How deep actions may lie in one another.
inline constexpr int kMostActionLevels = 50;

// InvalidArgument for an action without a kind, or nested too deep.
absl::StatusOr<ActionPtr> ReadAction(const models::Action& proto, int levels = kMostActionLevels);

}  // namespace diego::rep
