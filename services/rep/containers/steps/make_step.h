// From an action to the step that carries it out.
#pragma once

#include <functional>

#include "services/rep/containers/action.h"
#include "services/rep/containers/steps/run_step.h"
#include "services/rep/containers/steps/step.h"

namespace diego::rep {

struct StepOptions {
  RunStep::ExitStatusLog exit_status_log = RunStep::ExitStatusLog::kWrite;
  // Called for each process that has been started.
  std::function<void()> on_process_started;
};

// `action` is not null, nor is any action in it.
StepPtr MakeStep(const StepContextPtr& context, const ActionPtr& action,
                 const StepOptions& options);

// Whether the tree is whole: no missing member, no empty group. InvalidArgument names what lacks.
absl::Status CheckAction(const ActionPtr& action);

}  // namespace diego::rep
