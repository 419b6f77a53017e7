#include "services/rep/containers/steps/health_probes.h"

#include "services/rep/containers/steps/make_step.h"

namespace diego::rep {
namespace {

bool HasChecks(const RunSpec& spec) { return spec.checks && !spec.checks->checks.empty(); }

HealthProbe ProbeOf(const StepContextPtr& context, HealthCheck check, const ProbeOptions& options) {
  if (check.timeout <= absl::ZeroDuration()) check.timeout = options.default_timeout;
  if (check.interval <= absl::ZeroDuration()) check.interval = options.healthy_interval;
  return {[context, check] { return std::make_shared<NetworkCheckStep>(context, check); },
          check.interval,
          [failed = options.on_liveness_check_failed, kind = check.kind] {
            if (failed) failed(kind);
          }};
}

}  // namespace

bool IsMonitored(const RunSpec& spec) { return spec.monitor || HasChecks(spec); }

std::vector<HealthProbe> MakeProbes(const StepContextPtr& context, const RunSpec& spec,
                                    const ProbeOptions& options) {
  std::vector<HealthProbe> probes;
  if (HasChecks(spec)) {
    for (const HealthCheck& check : spec.checks->checks) {
      probes.push_back(ProbeOf(context, check, options));
    }
    return probes;
  }
  probes.push_back(
      {[context, monitor = spec.monitor] {
         return MakeStep(context, monitor, {RunStep::ExitStatusLog::kSuppress, nullptr});
       },
       options.healthy_interval});
  return probes;
}

std::string CheckLogSource(const RunSpec& spec) {
  if (!HasChecks(spec)) return "";
  return spec.checks->log_source.empty() ? "HEALTH" : spec.checks->log_source;
}

}  // namespace diego::rep
