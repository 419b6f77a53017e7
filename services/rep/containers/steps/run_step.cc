#include "services/rep/containers/steps/run_step.h"

#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/rep/containers/environment.h"
#include "services/rep/containers/texts.h"

namespace diego::rep {
namespace {

constexpr absl::Duration kKillGrace = absl::Seconds(1);

}  // namespace

RunStep::RunStep(StepContextPtr context, RunAction action, ExitStatusLog exit_status_log)
    : context_(std::move(context)), action_(std::move(action)), exit_status_log_(exit_status_log) {}

void RunStep::Start(Finished finished) {
  finished_ = std::move(finished);
  const auto self = shared_from_this();
  ProcessSpec spec;
  spec.path = action_.path;
  spec.args = action_.args;
  spec.dir = action_.dir;
  spec.user = action_.user;
  spec.nofile = action_.nofile;
  spec.env = ProcessEnvironment(action_.env, context_->cell_ip, context_->network);
  ProcessCallbacks callbacks;
  if (!action_.suppress_log_output) {
    callbacks.on_line = [self](Stream stream, absl::string_view line) {
      self->context_->log->Write(stream, self->action_.log_source, line);
    };
  }
  callbacks.on_exit = [self](ProcessExit exit) { self->OnExit(exit); };
  // Captured as its own, so that it can be moved on: the loop's thread frees the step, not the
  // pool's.
  const bool accepted = context_->pool->TryRun([self = self, spec = std::move(spec),
                                                callbacks = std::move(callbacks)]() mutable {
    absl::StatusOr<std::shared_ptr<Process>> process = absl::CancelledError("");
    if (!self->launch_cancellation_->cancelled()) {
      process =
          self->context_->runtime->Run(self->context_->container_guid, spec, std::move(callbacks));
    }
    EventLoop* loop = self->context_->loop;
    loop->Post([self = std::move(self), process = std::move(process)]() mutable {
      self->OnLaunched(std::move(process));
    });
  });
  if (!accepted) Finish(StepResult::Failed("too many processes are being started on this cell"));
}

void RunStep::OnLaunched(absl::StatusOr<std::shared_ptr<Process>> process) {
  if (absl::IsCancelled(process.status())) return Finish(StepResult::Cancelled());
  if (!process.ok()) return Finish(StepResult::Failed(std::string(process.status().message())));
  launched_ = true;
  if (on_started_) on_started_();
  if (early_exit_) return OnExit(*early_exit_);
  process_ = *std::move(process);
  if (cancelled_) Terminate();
}

void RunStep::Cancel() {
  if (cancelled_ || over_) return;
  cancelled_ = true;
  launch_cancellation_->Cancel();
  if (process_) Terminate();
}

void RunStep::Terminate() {
  (void)process_->Signal(SIGTERM);  // fails only when the exit is on its way
  timer_ = context_->loop->After(context_->graceful_shutdown_interval,
                                 [self = shared_from_this()] { self->Kill(); });
}

void RunStep::Kill() {
  killed_ = true;
  (void)process_->Signal(SIGKILL);
  timer_ = context_->loop->After(kKillGrace, [self = shared_from_this()] {
    self->Finish(StepResult::Failed("process did not exit"));
  });
}

void RunStep::OnExit(ProcessExit exit) {
  if (over_) return;
  if (!launched_) {
    early_exit_ = exit;
    return;
  }
  if (!action_.suppress_log_output && exit_status_log_ == ExitStatusLog::kWrite) {
    context_->log->Write(
        Stream::kStdout, action_.log_source,
        ExitLogLine(exit, killed_ ? context_->graceful_shutdown_interval : absl::ZeroDuration()));
  }
  if (killed_) return Finish(StepResult::Failed("exceeded graceful shutdown interval"));
  if (cancelled_) return Finish(StepResult::Cancelled());
  if (exit.status == 0) return Finish(StepResult::Done());
  const std::string& source =
      action_.log_source.empty() ? context_->log->default_source() : action_.log_source;
  Finish(StepResult::Failed(ExitReason(source, exit)));
}

void RunStep::Finish(StepResult result) {
  if (std::exchange(over_, true)) return;
  context_->loop->Cancel(timer_);
  const Finished finished = std::exchange(finished_, nullptr);
  finished(std::move(result));
}

}  // namespace diego::rep
