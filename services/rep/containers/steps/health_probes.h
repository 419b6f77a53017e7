// From what a run asks for to the checks of its health.
// Source: reference/behaviours.md section 10 "health", "declarative checks".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/rep/containers/steps/health_steps.h"

namespace diego::rep {

// The cell's own choices.
struct ProbeOptions {
  absl::Duration healthy_interval;  // of a monitor, and of a check that names none
  absl::Duration default_timeout;   // of a check that names none
  // A check of a running instance failed; may be empty.
  std::function<void(HealthCheck::Kind)> on_liveness_check_failed;
};

// Whether the instance runs only once it is healthy.
bool IsMonitored(const RunSpec& spec);

// The checks of `spec`, or else its monitor. `spec` is monitored.
std::vector<HealthProbe> MakeProbes(const StepContextPtr& context, const RunSpec& spec,
                                    const ProbeOptions& options);

// Whose words the reason of a failed check is on the app's log. Empty for a monitor: its process
// says itself why it fails.
std::string CheckLogSource(const RunSpec& spec);

}  // namespace diego::rep
