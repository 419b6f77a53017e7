#include "services/rep/containers/steps/make_step.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/steps/composite_steps.h"
#include "services/rep/containers/steps/transfer_steps.h"

namespace diego::rep {
namespace {

struct Maker {
  const StepContextPtr& context;
  const StepOptions& options;

  StepPtr Inner(const ActionPtr& action) const { return MakeStep(context, action, options); }
  std::vector<StepPtr> All(const std::vector<ActionPtr>& actions) const {
    std::vector<StepPtr> steps;
    for (const ActionPtr& action : actions) steps.push_back(Inner(action));
    return steps;
  }

  StepPtr operator()(const RunAction& action) const {
    auto step = std::make_shared<RunStep>(context, action, options.exit_status_log);
    if (options.on_process_started) step->OnStarted(options.on_process_started);
    return step;
  }
  StepPtr operator()(const DownloadAction& action) const {
    return std::make_shared<DownloadStep>(context, action);
  }
  StepPtr operator()(const UploadAction& action) const {
    return std::make_shared<UploadStep>(context, action);
  }
  StepPtr operator()(const TimeoutAction& action) const {
    return std::make_shared<TimeoutStep>(context, Inner(action.action), action.timeout);
  }
  StepPtr operator()(const EmitProgressAction& action) const {
    return std::make_shared<EmitProgressStep>(
        context, Inner(action.action),
        EmitProgressStep::Words{action.start_message, action.success_message,
                                action.failure_message_prefix, action.log_source});
  }
  StepPtr operator()(const TryAction& action) const {
    return std::make_shared<TryStep>(Inner(action.action));
  }
  StepPtr operator()(const ParallelAction& action) const {
    return std::make_shared<GroupStep>(GroupStep::Kind::kParallel, All(action.actions));
  }
  StepPtr operator()(const SerialAction& action) const {
    return std::make_shared<SerialStep>(All(action.actions));
  }
  StepPtr operator()(const CodependentAction& action) const {
    return std::make_shared<GroupStep>(GroupStep::Kind::kCodependent, All(action.actions));
  }
};

struct Checker {
  absl::Status One(const ActionPtr& action) const { return CheckAction(action); }
  absl::Status All(const std::vector<ActionPtr>& actions) const {
    if (actions.empty()) return absl::InvalidArgumentError("a group of actions is empty");
    for (const ActionPtr& action : actions) DIEGO_RETURN_IF_ERROR(CheckAction(action));
    return absl::OkStatus();
  }

  absl::Status operator()(const RunAction& action) const {
    return action.path.empty() ? absl::InvalidArgumentError("a run action has no path")
                               : absl::OkStatus();
  }
  absl::Status operator()(const DownloadAction&) const { return absl::OkStatus(); }
  absl::Status operator()(const UploadAction&) const { return absl::OkStatus(); }
  absl::Status operator()(const TimeoutAction& action) const {
    if (action.timeout <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError("a timeout action's timeout must be positive");
    }
    return One(action.action);
  }
  absl::Status operator()(const EmitProgressAction& action) const { return One(action.action); }
  absl::Status operator()(const TryAction& action) const { return One(action.action); }
  absl::Status operator()(const ParallelAction& action) const { return All(action.actions); }
  absl::Status operator()(const SerialAction& action) const { return All(action.actions); }
  absl::Status operator()(const CodependentAction& action) const { return All(action.actions); }
};

}  // namespace

StepPtr MakeStep(const StepContextPtr& context, const ActionPtr& action,
                 const StepOptions& options) {
  return std::visit(Maker{context, options}, action->node);
}

absl::Status CheckAction(const ActionPtr& action) {
  if (action == nullptr) return absl::InvalidArgumentError("an action is missing");
  return std::visit(Checker{}, action->node);
}

}  // namespace diego::rep
