#include "services/rep/containers/steps/composite_steps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/rep/containers/texts.h"

namespace diego::rep {

void SerialStep::Start(Finished finished) {
  finished_ = std::move(finished);
  Next();
}

void SerialStep::Next() {
  if (cancelled_) return std::exchange(finished_, nullptr)(StepResult::Cancelled());
  if (position_ == steps_.size()) return std::exchange(finished_, nullptr)(StepResult::Done());
  const StepPtr step = steps_[position_];
  step->Start([self = shared_from_this()](StepResult result) {
    if (!result.ok()) return std::exchange(self->finished_, nullptr)(std::move(result));
    ++self->position_;
    self->Next();
  });
}

void SerialStep::Cancel() {
  cancelled_ = true;
  if (finished_ && position_ < steps_.size()) {
    const StepPtr step = steps_[position_];
    step->Cancel();
  }
}

void GroupStep::Start(Finished finished) {
  finished_ = std::move(finished);
  results_.resize(steps_.size());
  open_ = steps_.size();
  if (open_ == 0) return std::exchange(finished_, nullptr)(StepResult::Done());
  const auto self = shared_from_this();
  for (size_t i = 0; i < steps_.size(); ++i) {
    steps_[i]->Start([self, i](StepResult result) { self->OnFinished(i, std::move(result)); });
  }
  all_started_ = true;
  // One of the first may have ended the group before the last was started.
  if (ending_ || cancelled_) CancelOthers();
}

void GroupStep::Cancel() {
  if (!finished_) return;
  cancelled_ = true;
  CancelOthers();
}

void GroupStep::CancelOthers() {
  if (!all_started_) return;
  const auto self = shared_from_this();
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!results_[i]) steps_[i]->Cancel();
  }
}

void GroupStep::OnFinished(size_t index, StepResult result) {
  if (result.kind == StepResult::Kind::kFailed) reasons_.push_back(result.reason);
  const bool ended_well = result.ok();
  results_[index] = std::move(result);
  --open_;
  if (kind_ == Kind::kCodependent && !ending_ && !cancelled_) {
    ending_ = true;
    success_ended_it_ = ended_well;
    if (ended_well) reasons_.emplace_back("Codependent step exited");
    CancelOthers();
  }
  if (open_ > 0 || !finished_) return;
  bool failed = success_ended_it_;
  bool any_cancelled = false;
  for (const auto& each : results_) {
    failed |= each->kind == StepResult::Kind::kFailed;
    any_cancelled |= each->kind == StepResult::Kind::kCancelled;
  }
  const Finished finished = std::exchange(finished_, nullptr);
  if (failed) return finished(StepResult::Failed(JoinReasons(reasons_)));
  finished(any_cancelled ? StepResult::Cancelled() : StepResult::Done());
}

void TimeoutStep::Start(Finished finished) {
  const auto self = shared_from_this();
  timer_ = context_->loop->After(timeout_, [self] {
    self->expired_ = true;
    self->step_->Cancel();
  });
  step_->Start([self, finished = std::move(finished)](StepResult result) {
    self->context_->loop->Cancel(self->timer_);
    if (!self->expired_) return finished(std::move(result));
    finished(StepResult::Failed(TimeoutReason(self->timeout_, result.reason)));
  });
}

void TimeoutStep::Cancel() { step_->Cancel(); }

void TryStep::Start(Finished finished) {
  step_->Start([finished = std::move(finished)](StepResult result) {
    const bool cancelled = result.kind == StepResult::Kind::kCancelled;
    finished(cancelled ? StepResult::Cancelled() : StepResult::Done());
  });
}

void EmitProgressStep::Start(Finished finished) {
  const auto say = [context = context_, source = words_.log_source](Stream stream,
                                                                    const std::string& text) {
    if (!text.empty()) context->log->Write(stream, source, text);
  };
  say(Stream::kStdout, words_.start);
  step_->Start([say, words = words_, finished = std::move(finished)](StepResult result) {
    if (result.ok()) {
      say(Stream::kStdout, words.success);
    } else if (!words.failure_prefix.empty()) {
      say(Stream::kStderr, result.reason.empty()
                               ? words.failure_prefix
                               : absl::StrCat(words.failure_prefix, ": ", result.reason));
    }
    finished(std::move(result));
  });
}

}  // namespace diego::rep
