// Containers as the executor shows them, seen with the eyes of the rules. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/cell_facts.h"

namespace diego::rep {

// InvalidArgument when the container does not carry the rep's tags.
absl::StatusOr<CellContainer> ViewOf(const Container& container);
// Those that carry the rep's tags.
std::vector<CellContainer> ViewOf(const std::vector<Container>& containers);

// What the container was auctioned to run; "" when that was not said.
std::string DefinitionIdOf(const Container& container);

// Where a running container answers.
NetInfo NetInfoOf(const Container& container, bool prefer_instance_address);

}  // namespace diego::rep
