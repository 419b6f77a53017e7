// What must hold once calm has come: desired equals actual.
#pragma once

#include <string>
#include <vector>

#include "integration/simulation/cell.h"
#include "integration/simulation/emitter_node.h"
#include "services/bbs/core/state.h"

namespace diego::simulation {

// What is still not as desired; empty when all is. Every index runs the active definition once; if
// that one never comes up, what it ran before, and the roll tries at one index. Records, routes and
// containers are those of what runs, and of these tries.
std::string Unsettled(const bbs::State& state, const std::vector<Cell*>& cells,
                      const EmitterNode& emitter);

}  // namespace diego::simulation
