#include "services/bbs/core/execute.h"

#include <utility>
#include <variant>

#include "services/bbs/core/actual_lrp_rules.h"
#include "services/bbs/core/convergence.h"
#include "services/bbs/core/desired_lrp_rules.h"
#include "services/bbs/core/domain_rules.h"
#include "services/bbs/core/evacuation_rules.h"
#include "services/bbs/core/roll.h"
#include "services/bbs/core/roll_rules.h"
#include "services/bbs/core/task_rules.h"

namespace diego::bbs {
namespace {

Outcome Decide(const Facts&, const RefuseCall& command) { return Refuse(command.refusal); }

}  // namespace

Outcome Execute(const State& state, const Command& command, const Stamp& stamp,
                const RuleSettings& settings) {
  Facts facts{state, stamp, settings};
  Outcome before;
  TakeBackFor(command, &facts, &before);
  Outcome outcome = std::visit([&](const auto& c) { return Decide(facts, c); }, command);
  Prepend(std::move(before), &outcome);
  RollOn(facts, &outcome);
  return outcome;
}

}  // namespace diego::bbs
