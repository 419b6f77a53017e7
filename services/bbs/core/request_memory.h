// Request memory: a call that carries a request id is carried out once. Its answer is a row that
// commits with the call's changes; a repetition finds the row, there or in the next master, and is
// answered alike. A refusal is an answer too.
// Source: docs/adr/0010-a-repeated-call-is-answered-from-a-row.md.
#pragma once

#include <string>

#include "services/bbs/core/command.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/core/state.h"

namespace diego::bbs {

// As Execute, for a call with a request id:
//   no answer is remembered, or it is older than RuleSettings::remember_calls_for: Execute's
//     outcome, and the row that remembers it;
//   the same call was answered: the status, should_start and keep_container of then; no changes and
//     no effects (those that were lost are convergence's to mend, as ever);
//   another call was answered under the id: InvalidRequest that names the id.
// Forgets some of what is too old or too much on the way, so that the rows are bounded.
Outcome ExecuteOnce(const State& state, const RequestIdentity& request, const Command& command,
                    const Stamp& stamp, const RuleSettings& settings);

// Forgets at most `most` answers that are too old, or the oldest of too many, but for that to the
// call `except`. Appends to `changes`.
void ForgetAnsweredCalls(const Facts& facts, int most, const std::string& except, Changes* changes);

}  // namespace diego::bbs
