// Domains: whose set of desired LRPs is known to be complete, and until when.
// Source: reference/behaviours.md section 7.
#pragma once

#include "services/bbs/core/rows.h"

namespace diego::bbs {

Outcome Decide(const Facts& facts, const UpsertDomain& command);

// True while the domain's expiry is ahead of `now` (rounded to the second). Freshness gates only
// destructive convergence.
bool IsFresh(const State& state, const Domain& domain, absl::Time now);
bool IsFresh(const DomainRecord& record, absl::Time now);

}  // namespace diego::bbs
