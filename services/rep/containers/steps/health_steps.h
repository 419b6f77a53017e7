// Watching an instance's health: native TCP and HTTP checks, and the step that repeats checks.
// Source: reference/behaviours.md section 10 "health"; design-notes.md section 8.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/rep/containers/executor.h"
#include "services/rep/containers/health.h"
#include "services/rep/containers/steps/step.h"

namespace diego::rep {

// One TCP connection or HTTP request from the cell to the container, without a thread or a process.
// Passes on a connection, or on status 200.
class NetworkCheckStep final : public Step, public std::enable_shared_from_this<NetworkCheckStep> {
 public:
  NetworkCheckStep(StepContextPtr context, HealthCheck check);
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  absl::Status Connect();
  void OnWritable();
  void OnReadable();
  void JudgeReply();
  void FailBecause(const std::string& why);
  void Finish(StepResult result);

  const StepContextPtr context_;
  const HealthCheck check_;
  absl::Duration started_;
  UniqueFd socket_;
  std::string reply_;
  EventLoop::TimerId timer_ = 0;
  Finished finished_;
};

// A check that is made again and again.
struct HealthProbe {
  std::function<StepPtr()> make_check;
  absl::Duration healthy_interval = absl::Seconds(30);  // <= 0 = not made again once healthy
  std::function<void()> on_liveness_failed = nullptr;   // of a healthy instance; may be empty
};

// Repeats one check of a healthy instance, first after its interval. It ends only when the check
// fails or when cancelled.
class LivenessStep final : public Step, public std::enable_shared_from_this<LivenessStep> {
 public:
  LivenessStep(StepContextPtr context, HealthProbe probe);
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  void Wait();
  void CheckNow();
  void OnChecked(const StepResult& result);

  const StepContextPtr context_;
  const HealthProbe probe_;
  StepPtr check_;
  EventLoop::TimerId timer_ = 0;
  bool cancelled_ = false;
  Finished finished_;
};

// Makes all checks together until all pass, then each on its own interval. It ends only when the
// instance fails or when cancelled.
class HealthStep final : public Step, public std::enable_shared_from_this<HealthStep> {
 public:
  // The reason of the instance's failure is logged as of `check_log_source`; empty = it is not
  // logged. `on_healthy` is called once, when all checks have passed for the first time.
  HealthStep(StepContextPtr context, std::string check_log_source, HealthTiming timing,
             std::vector<HealthProbe> probes, std::function<void()> on_healthy);
  void Start(Finished finished) override;
  void Cancel() override;

 private:
  void CheckNow();
  void WatchLiveness();
  void Begin(const StepPtr& check);
  void OnChecked(const StepResult& result);

  const StepContextPtr context_;
  const std::string check_log_source_;
  const HealthTiming timing_;
  std::optional<HealthTracker> tracker_;  // from Start
  const std::vector<HealthProbe> probes_;
  const std::function<void()> on_healthy_;
  StepPtr check_;
  EventLoop::TimerId timer_ = 0;
  bool cancelled_ = false;
  Finished finished_;
};

}  // namespace diego::rep
