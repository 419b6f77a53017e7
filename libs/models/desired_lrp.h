// DesiredLrp: what an operator wants to run. The part that rules look at is plain; the rest (how
// to run it) is kept whole. Source: reference/wire-models.md "Desired LRPs"; behaviours.md 2.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "libs/models/crash_restart_policy.h"
#include "libs/models/ids.h"
#include "libs/models/lrp_definition.h"
#include "libs/models/modification_tag.h"
#include "libs/models/opaque.h"
#include "libs/models/resources.h"

namespace diego {

// Exactly one of the two is meaningful.
struct MetricTagValue {
  enum class Dynamic : int32_t { kInvalid = 0, kIndex = 1, kInstanceGuid = 2 };
  std::string static_value;
  Dynamic dynamic = Dynamic::kInvalid;

  friend bool operator==(const MetricTagValue&, const MetricTagValue&) = default;
};
using MetricTags = std::map<std::string, MetricTagValue>;

// Router name -> that router's raw JSON text.
using Routes = std::map<std::string, std::string>;

enum class UpdateStrategy : int32_t { kRolling = 0, kRecreate = 1 };

struct DesiredLrp {
  ProcessGuid process_guid;
  Domain domain;
  std::string log_guid;
  int32_t instances = 0;
  std::string annotation;
  WorkloadSize size;
  PlacementConstraint placement;
  Routes routes;
  MetricTags metric_tags;
  // Both set or both empty. Kept out of `run_info` because an update may change them.
  std::string image_username;
  std::string image_password;
  UpdateStrategy update_strategy = UpdateStrategy::kRolling;
  CrashRestartPolicy crash_restart_policy;
  ModificationTag tag;
  // A serialized models.DesiredLRPRunInfo without the credentials above, unknown fields included.
  Opaque run_info;
  // Names the active definition: size, placement, credentials and run_info above. Empty where the
  // client gave no id; DefinitionId() then makes one up.
  std::string definition_id;
  SharedRollout rollout;

  // Of the active definition; never empty for a record that is stored, and always the same for one
  // that was desired without.
  const std::string& DefinitionId() const {
    return definition_id.empty() ? tag.epoch : definition_id;
  }

  friend bool operator==(const DesiredLrp&, const DesiredLrp&) = default;
};

// What an update changes; absent = leave.
struct DesiredLrpUpdate {
  std::optional<int32_t> instances;
  std::optional<Routes> routes;
  std::optional<std::string> annotation;
  std::optional<MetricTags> metric_tags;
  std::optional<std::string> image_username;
  std::optional<std::string> image_password;
  std::optional<CrashRestartPolicy> crash_restart_policy;  // an empty one takes it away
  std::optional<LrpDefinition> definition;                 // its id must be new: rolls to it

  friend bool operator==(const DesiredLrpUpdate&, const DesiredLrpUpdate&) = default;
};

}  // namespace diego
