// What a desired LRP or a task asks for and this cell does not do, so that it can be said where
// somebody looks for the reason. Pure functions. The table in services/rep/README.md says what
// happens instead.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"

namespace diego::rep {

// The names of the fields that are set and are ignored here, in the table's order; empty when
// everything asked for is done. `disk_mb` stands beside the run info of an LRP.
std::vector<std::string> IgnoredFields(const models::DesiredLRPRunInfo& info, int32_t disk_mb);
std::vector<std::string> IgnoredFields(const models::TaskDefinition& definition);

}  // namespace diego::rep
