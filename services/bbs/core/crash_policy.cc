#include "services/bbs/core/crash_policy.h"

#include <algorithm>

namespace diego::bbs {
namespace {

constexpr absl::Duration kFirstWait = absl::Seconds(30);

void Take(const CrashRestartPolicy& policy, CrashRules* rules) {
  if (policy.number_of_immediate_restarts) {
    rules->immediate_restarts = *policy.number_of_immediate_restarts;
  }
  if (policy.max_seconds_between_restarts) {
    rules->longest_wait = absl::Seconds(*policy.max_seconds_between_restarts);
  }
  if (policy.max_restart_attempts) rules->max_attempts = *policy.max_restart_attempts;
}

bool IsGivenUp(int32_t count, const CrashRules& rules) {
  return rules.max_attempts != 0 && count >= rules.max_attempts;
}

}  // namespace

CrashRules CrashRulesFor(const CrashRestartPolicy& of_domain, const CrashRestartPolicy& of_lrp) {
  CrashRules rules;
  Take(of_domain, &rules);
  Take(of_lrp, &rules);
  return rules;
}

CrashRules CrashRulesFor(const State& state, const DesiredLrp* desired, const Domain& domain) {
  const CrashRestartPolicy none;
  const Record<DomainRecord> defaults = state.FindDomain(domain);
  return CrashRulesFor(defaults == nullptr ? none : defaults->crash_restart_policy,
                       desired == nullptr ? none : desired->crash_restart_policy);
}

bool RestartsAtOnce(int32_t count, const CrashRules& rules) {
  return count < rules.immediate_restarts && !IsGivenUp(count, rules);
}

absl::Time RestartDueAt(const ActualLrp& crashed, const CrashRules& rules) {
  const int32_t count = crashed.crash_count;
  if (IsGivenUp(count, rules)) return absl::InfiniteFuture();
  if (count < rules.immediate_restarts) return crashed.since;
  // A first crash waits for the floor, also where none is restarted at once.
  absl::Duration wait = kFirstWait;
  for (int32_t i = std::max(rules.immediate_restarts, 1); i < count; ++i) {
    if (wait >= rules.longest_wait) break;
    wait *= 2;
  }
  return crashed.since + std::min(wait, rules.longest_wait);
}

}  // namespace diego::bbs
