#include "libs/wire/validate.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {
namespace {

void CheckDefinition(const models::TaskDefinition& definition, FaultList* faults) {
  if (!IsRootFs(definition.root_fs())) faults->Field("rootfs");
  if (definition.has_action()) {
    FaultList inner;
    CheckAction(definition.action(), &inner);
    Nest("action", inner, faults);
  } else {
    faults->Text("invalid action type");
  }
  if (definition.memory_mb() < 0) faults->Field("memory_mb");
  if (definition.disk_mb() < 0) faults->Field("disk_mb");
  if (definition.max_pids() < 0) faults->Field("max_pids");
  if (definition.log_rate_limit().bytes_per_second() < -1) faults->Field("log_rate_limit");
  CheckAnnotation(definition.annotation(), faults);
  for (const models::SecurityGroupRule& rule : definition.egress_rules()) {
    FaultList inner;
    CheckSecurityGroupRule(rule, &inner);
    if (!inner.empty()) faults->Field("egress_rules");
  }
  CheckCredentials(definition.image_username(), definition.image_password(), faults);
  CheckCachedDependencies(definition.cached_dependencies(), faults);
  CheckImageLayers(definition.image_layers(), definition.legacy_download_user(), faults);
  CheckMetricTags(definition.metric_tags(), definition.metrics_guid(), faults);
}

// Start and Complete: a cell speaks of its task.
template <typename Request>
absl::Status ValidateFromCell(const Request& request) {
  FaultList faults;
  CheckGuid("task_guid", request.task_guid(), &faults);
  CheckSet("cell_id", request.cell_id(), &faults);
  CheckWidth("cell_id", request.cell_id(), kNameLimitCharacters, &faults);
  CheckRecordSize(request.ByteSizeLong(), &faults);
  return faults.ToStatus();
}

template <typename Request>
absl::Status ValidateGuid(const Request& request) {
  FaultList faults;
  CheckSet("task_guid", request.task_guid(), &faults);
  return faults.ToStatus();
}

// Both kinds of refusal report a missing reason under the older name.
void CheckRefusal(const std::string& task_guid, const std::string& reason, FaultList* faults) {
  CheckSet("task_guid", task_guid, faults);
  CheckSet("failure_reason", reason, faults);
}

}  // namespace

absl::Status Validate(const models::TaskDefinition& definition) {
  FaultList faults;
  CheckDefinition(definition, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::DesireTaskRequest& request) {
  FaultList faults;
  CheckGuid("task_guid", request.task_guid(), &faults);
  CheckSet("domain", request.domain(), &faults);
  CheckWidth("task_guid", request.task_guid(), kNameLimitCharacters, &faults);
  CheckWidth("domain", request.domain(), kNameLimitCharacters, &faults);
  CheckRecordSize(request.ByteSizeLong(), &faults);
  if (request.has_task_definition()) {
    CheckDefinition(request.task_definition(), &faults);
  } else {
    faults.Field("task_definition");
  }
  return faults.ToStatus();
}

absl::Status Validate(const models::StartTaskRequest& request) { return ValidateFromCell(request); }

absl::Status Validate(const models::CompleteTaskRequest& request) {
  return ValidateFromCell(request);
}

absl::Status Validate(const models::FailTaskRequest& request) {
  FaultList faults;
  CheckRefusal(request.task_guid(), request.failure_reason(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RejectTaskRequest& request) {
  FaultList faults;
  CheckRefusal(request.task_guid(), request.rejection_reason(), &faults);
  CheckPlacementRefusal(request.placement_refusal(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::TaskGuidRequest& request) { return ValidateGuid(request); }

absl::Status Validate(const models::TaskByGuidRequest& request) { return ValidateGuid(request); }

}  // namespace diego::wire
