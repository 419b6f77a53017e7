// The life of a task.
//
//   Pending --start--> Running --complete--> Completed --resolving--> Resolving --delete--> gone
//   Pending, Running --cancel, fail--> Completed;  Pending, Running --reject--> Pending
//
// Source: reference/behaviours.md section 5.
#pragma once

#include <string>

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const DesireTask& command);
Outcome Decide(const Facts& facts, const StartTask& command);
Outcome Decide(const Facts& facts, const CompleteTask& command);
Outcome Decide(const Facts& facts, const CancelTask& command);
Outcome Decide(const Facts& facts, const FailTask& command);
Outcome Decide(const Facts& facts, const RejectTask& command);
Outcome Decide(const Facts& facts, const ResolvingTask& command);
Outcome Decide(const Facts& facts, const DeleteTask& command);

// The task as it is when it has ended without a result: its reason cut to what is stored, its cell
// forgotten.
Task FailedTask(const Task& task, const std::string& reason, absl::Time now);

}  // namespace diego::bbs
