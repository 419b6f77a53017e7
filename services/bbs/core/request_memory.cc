#include "services/bbs/core/request_memory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/execute.h"

namespace diego::bbs {
namespace {

// More than one, so that a backlog shrinks.
constexpr int kForgottenPerCall = 4;

bool IsTooOld(const Facts& facts, const AnsweredCall& answered) {
  return facts.stamp.now - answered.answered_at > facts.settings.remember_calls_for;
}

Outcome AnswerAgain(const AnsweredCall& answered) {
  Outcome outcome;
  outcome.status = answered.status;
  outcome.should_start = answered.should_start;
  outcome.keep_container = answered.keep_container;
  outcome.is_repetition = true;
  return outcome;
}

}  // namespace

void ForgetAnsweredCalls(const Facts& facts, int most, const std::string& except,
                         Changes* changes) {
  const auto& oldest_first = facts.state.answered_calls();
  int64_t left = static_cast<int64_t>(oldest_first.size());
  for (const Record<AnsweredCall>& answered : oldest_first) {
    if (most-- <= 0) return;
    if (!IsTooOld(facts, *answered) && left <= facts.settings.remembered_calls) return;
    if (answered->request.id == except) continue;
    changes->push_back(Disappears(answered));
    --left;
  }
}

Outcome ExecuteOnce(const State& state, const RequestIdentity& request, const Command& command,
                    const Stamp& stamp, const RuleSettings& settings) {
  const Facts facts{state, stamp, settings};
  const Record<AnsweredCall> answered = state.FindAnsweredCall(request.id);
  if (answered != nullptr && !IsTooOld(facts, *answered)) {
    if (answered->request == request) return AnswerAgain(*answered);
    return Refuse(DiegoError(
        ErrorType::kInvalidRequest,
        absl::StrCat("diego-request-id \"", request.id,
                     "\" has been used for another call; give every call an id of its own")));
  }
  Outcome outcome = Execute(state, command, stamp, settings);
  ForgetAnsweredCalls(facts, kForgottenPerCall, request.id, &outcome.changes);
  AnsweredCall answer;
  answer.request = request;
  answer.answered_at = stamp.now;
  answer.status = outcome.status;
  answer.should_start = outcome.should_start;
  answer.keep_container = outcome.keep_container;
  outcome.changes.push_back(MakeChange(answered, MakeRecord(std::move(answer))));
  return outcome;
}

}  // namespace diego::bbs
