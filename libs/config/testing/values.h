// For tests of tables: what a configuration came to, as an operator reads it.
#pragma once

#include <utility>
#include <vector>

#include "libs/config/table.h"

namespace diego::config::testing {

// Checks that each key of `want` prints as the text beside it: "10m0s", "0.0.0.0:8889", "[]".
void CheckValues(const Schema& schema, void* config,
                 const std::vector<std::pair<const char*, const char*>>& want);

}  // namespace diego::config::testing
