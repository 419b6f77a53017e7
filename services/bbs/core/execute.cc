#include "services/bbs/core/execute.h"

#include <variant>

#include "services/bbs/core/actual_lrp_rules.h"
#include "services/bbs/core/convergence.h"
#include "services/bbs/core/desired_lrp_rules.h"
#include "services/bbs/core/domain_rules.h"
#include "services/bbs/core/evacuation_rules.h"
#include "services/bbs/core/task_rules.h"

namespace diego::bbs {

Outcome Execute(const State& state, const Command& command, const Stamp& stamp,
                const RuleSettings& settings) {
  const Facts facts{state, stamp, settings};
  return std::visit([&](const auto& c) { return Decide(facts, c); }, command);
}

}  // namespace diego::bbs
