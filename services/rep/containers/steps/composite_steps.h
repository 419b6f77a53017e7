// Steps made of steps: order, company, time limits, mercy, and words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/rep/containers/steps/step.h"

namespace diego::rep {

// One after the other; stops at the first that does not succeed.
class SerialStep final : public Step, public std::enable_shared_from_this<SerialStep> {
 public:
  explicit SerialStep(std::vector<StepPtr> steps) : steps_(std::move(steps)) {}
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  void Next();

  std::vector<StepPtr> steps_;
  size_t position_ = 0;
  bool cancelled_ = false;
  Finished finished_;
};

// All at once. A parallel group waits for all and joins their reasons. A codependent one ends the
// others as soon as one of them is over, and fails even if that one succeeded.
class GroupStep final : public Step, public std::enable_shared_from_this<GroupStep> {
 public:
  enum class Kind { kParallel, kCodependent };
  GroupStep(Kind kind, std::vector<StepPtr> steps) : kind_(kind), steps_(std::move(steps)) {}
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  void OnFinished(size_t index, StepResult result);
  void CancelOthers();

  const Kind kind_;
  const std::vector<StepPtr> steps_;
  std::vector<std::optional<StepResult>> results_;
  size_t open_ = 0;
  bool all_started_ = false;
  bool cancelled_ = false;  // from outside
  bool ending_ = false;     // the others were told to end
  bool success_ended_it_ = false;
  std::vector<std::string> reasons_;  // in the order of ending
  Finished finished_;
};

// Ends its step when it takes too long.
class TimeoutStep final : public Step, public std::enable_shared_from_this<TimeoutStep> {
 public:
  TimeoutStep(StepContextPtr context, StepPtr step, absl::Duration timeout)
      : context_(std::move(context)), step_(std::move(step)), timeout_(timeout) {}
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  const StepContextPtr context_;
  const StepPtr step_;
  const absl::Duration timeout_;
  EventLoop::TimerId timer_ = 0;
  bool expired_ = false;
};

// Succeeds whatever its step does, unless cancelled.
class TryStep final : public Step {
 public:
  explicit TryStep(StepPtr step) : step_(std::move(step)) {}
  void Start(Finished finished) override;
  void Cancel() override { step_->Cancel(); }

 private:
  const StepPtr step_;
};

// Tells the app's log how its step goes.
class EmitProgressStep final : public Step {
 public:
  struct Words {
    std::string start;
    std::string success;
    std::string failure_prefix;
    std::string log_source;
  };
  EmitProgressStep(StepContextPtr context, StepPtr step, Words words)
      : context_(std::move(context)), step_(std::move(step)), words_(std::move(words)) {}
  void Start(Finished finished) override;
  void Cancel() override { step_->Cancel(); }

 private:
  const StepContextPtr context_;
  const StepPtr step_;
  const Words words_;
};

}  // namespace diego::rep
