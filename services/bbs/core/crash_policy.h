// When an instance that crashed runs again.
//
// Source: reference/behaviours.md section 1, "Crash back-off"; design-notes.md section 4. The floor
// of 30 s, the doubling and the reset after five minutes of running (actual_lrp_transitions.h) are
// fixed; the other numbers come from the desired LRP, else from its domain, else they are these.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/models/desired_lrp.h"
#include "services/bbs/core/state.h"

namespace diego::bbs {

struct CrashRules {
  int32_t immediate_restarts = 3;
  absl::Duration longest_wait = absl::Seconds(960);
  int32_t max_attempts = 200;  // 0 = without end
};

CrashRules CrashRulesFor(const CrashRestartPolicy& of_domain, const CrashRestartPolicy& of_lrp);
// The rules for an instance of `desired`, which may be null (nobody knows it any more), in
// `domain`.
CrashRules CrashRulesFor(const State& state, const DesiredLrp* desired, const Domain& domain);

// Whether an instance is started again as soon as its crash count has become `count`.
bool RestartsAtOnce(int32_t count, const CrashRules& rules);
// When a CRASHED row may run again; InfiniteFuture = never.
absl::Time RestartDueAt(const ActualLrp& crashed, const CrashRules& rules);

}  // namespace diego::bbs
