// A process in the container, from its start to its end.
#pragma once

#include <memory>
#include <optional>

#include "services/rep/containers/action.h"
#include "services/rep/containers/steps/step.h"

namespace diego::rep {

class RunStep final : public Step, public std::enable_shared_from_this<RunStep> {
 public:
  // A monitor's processes do not tell their exit status in the app's log.
  enum class ExitStatusLog { kWrite, kSuppress };
  RunStep(StepContextPtr context, RunAction action, ExitStatusLog exit_status_log);

  void Start(Finished finished) override;
  // TERM, after the graceful interval KILL; a second later it is given up.
  void Cancel() override;
  // Called once when the process has been started. Set before Start.
  void OnStarted(std::function<void()> started) { on_started_ = std::move(started); }

 private:
  void OnLaunched(absl::StatusOr<std::shared_ptr<Process>> process);
  void OnExit(ProcessExit exit);
  void Terminate();
  void Kill();
  void Finish(StepResult result);

  const StepContextPtr context_;
  const RunAction action_;
  const ExitStatusLog exit_status_log_;
  Finished finished_;
  std::function<void()> on_started_;
  std::shared_ptr<Process> process_;
  std::shared_ptr<Cancellation> launch_cancellation_ = std::make_shared<Cancellation>();
  EventLoop::TimerId timer_ = 0;
  bool launched_ = false;
  std::optional<ProcessExit> early_exit_;  // told before the launch was
  bool over_ = false;
  bool cancelled_ = false;
  bool killed_ = false;
};

}  // namespace diego::rep
