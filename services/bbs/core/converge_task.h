// The task steps of convergence at one task. Source: reference/behaviours.md section 6, task steps.
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

// Appends to `outcome`, counts into `counts` all but those that run, which a pass does not look at.
void ConvergeTask(const Facts& facts, const Converge& command, const Record<Task>& task,
                  ConvergenceCounts* counts, Outcome* outcome);

}  // namespace diego::bbs
