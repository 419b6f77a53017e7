// What a desired LRP or a task wants -> how a container is run. Pure functions.
// Source: reference/behaviours.md section 10; reference/wire-models.md "Desired LRPs", "Tasks".
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/task.h"
#include "services/rep/engine/records.h"

namespace diego::rep {

// InvalidArgument names what cannot be run; Deserialize when the stored definition is broken.
absl::StatusOr<LrpRun> ReadLrpRun(const DesiredLrp& lrp, const ActualLrpKey& key,
                                  const InstanceGuid& instance_guid);
absl::StatusOr<TaskRun> ReadTaskRun(const Task& task);

// Dynamic tags as they are for one instance.
std::map<std::string, std::string> ResolveMetricTags(const MetricTags& tags, int32_t index,
                                                     const std::string& instance_guid);

}  // namespace diego::rep
