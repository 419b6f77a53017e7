// Explain: why the records of one LRP are as they are, and what each waits for. For people; no rule
// rests on it. Source: proto/diego/bbs.proto, InstanceExplanation; reference/behaviours.md
// sections 1 and 4.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "services/bbs/core/change.h"
#include "services/bbs/core/crash_policy.h"

namespace diego::bbs {

enum class WaitsFor : int32_t {
  kNothing = 0,
  kForRecord = 1,
  kForPlace = 2,
  kForCell = 3,
  kForRestart = 4,
  kForEver = 5,
  kForStop = 6,
  kForReplacement = 7,
};

struct Explanation {
  int32_t index = 0;
  WaitsFor waiting = WaitsFor::kNothing;
  Record<ActualLrp> instance;  // nullptr with kForRecord
  absl::Time restart_due_at;   // kForRestart
};

// `desired` may be nullptr; `of_domain` is its domain's policy; `is_complete` says that the domain
// is fresh: until then nothing is stopped for not being desired, and what is past the count goes on
// like any other (convergence.h). `rows` are those of the LRP, in any order. With `only` just that
// index. By index, then presence; indices that are desired and have no row are there too.
std::vector<Explanation> Explain(const Record<DesiredLrp>& desired,
                                 const CrashRestartPolicy& of_domain, bool is_complete,
                                 std::vector<Record<ActualLrp>> rows, std::optional<int32_t> only);

}  // namespace diego::bbs
