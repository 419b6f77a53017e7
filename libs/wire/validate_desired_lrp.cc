#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/wire/columns.h"
#include "libs/wire/validate.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {
namespace {

// What the original checks of an LRP's run info, in its order; domain and the mounted files are
// checked here a second time, as there.
void CheckRunInfo(const models::DesiredLRP& lrp, FaultList* faults) {
  CheckSet("domain", lrp.domain(), faults);
  CheckGuid("process_guid", lrp.process_guid(), faults);
  CheckVolumeMountedFiles(lrp.volume_mounted_files(), faults);
  const auto check_action = [faults](absl::string_view field, const models::Action& action) {
    FaultList inner;
    CheckAction(action, &inner);
    Nest(field, inner, faults);
  };
  if (lrp.has_setup()) check_action("setup", lrp.setup());
  if (lrp.has_action()) {
    check_action("action", lrp.action());
  } else {
    faults->Text("invalid action type");
  }
  if (lrp.has_monitor()) check_action("monitor", lrp.monitor());
  CheckEnvironment(lrp.environment_variables(), faults);
  for (const models::SecurityGroupRule& rule : lrp.egress_rules()) {
    FaultList inner;
    CheckSecurityGroupRule(rule, &inner);
    Nest("egress_rules", inner, faults);
  }
  CheckCachedDependencies(lrp.cached_dependencies(), faults);
  CheckImageLayers(lrp.image_layers(), lrp.legacy_download_user(), faults);
  for (const models::Sidecar& sidecar : lrp.sidecars()) {
    FaultList inner;
    CheckSidecar(sidecar, &inner);
    Nest("sidecars", inner, faults);
  }
  for (const models::VolumeMount& mount : lrp.volume_mounts()) CheckVolumeMount(mount, faults);
  CheckCredentials(lrp.image_username(), lrp.image_password(), faults);
  FaultList inner;
  CheckCheckDefinition(lrp.check_definition(), &inner);
  Nest("check_definition", inner, faults);
  if (lrp.log_rate_limit().bytes_per_second() < -1) faults->Field("log_rate_limit");
}

// Whether the database's columns can hold it.
void CheckWidths(const models::DesiredLRP& lrp, FaultList* faults) {
  CheckRecordSize(lrp.ByteSizeLong(), faults);
  CheckWidth("process_guid", lrp.process_guid(), kNameLimitCharacters, faults);
  CheckWidth("domain", lrp.domain(), kNameLimitCharacters, faults);
  CheckWidth("log_guid", lrp.log_guid(), kNameLimitCharacters, faults);
  CheckWidth("rootfs", lrp.root_fs(), kRootFsLimitCharacters, faults);
  const std::string tags = StringsToJson({lrp.placementtags().begin(), lrp.placementtags().end()});
  if (tags.size() > kPlacementTagsLimitBytes) faults->Field("placement_tags");
}

void CheckDefinitionId(absl::string_view field, const std::string& id, FaultList* faults) {
  if (id.empty()) return;
  CheckGuid(field, id, faults);
  CheckWidth(field, id, kNameLimitCharacters, faults);
}

// A definition has what affects how an instance runs, and nothing else.
void CheckDefinition(const models::DesiredLRP& definition, FaultList* faults) {
  FaultList inner;
  if (definition.definition_id().empty()) {
    inner.Text("Invalid field: definition_id: a definition needs an id, and one that is new");
  }
  CheckDefinitionId("definition_id", definition.definition_id(), &inner);
  const std::pair<absl::string_view, bool> of_the_lrp[] = {
      {"process_guid", !definition.process_guid().empty()},
      {"domain", !definition.domain().empty()},
      {"log_guid", !definition.log_guid().empty()},
      {"instances", definition.instances() != 0},
      {"annotation", !definition.annotation().empty()},
      {"routes", definition.routes().routes_size() != 0},
      {"metrics_guid", !definition.metrics_guid().empty()},
      {"metric_tags", !definition.metric_tags().empty()},
      {"update_strategy", definition.update_strategy() != models::DesiredLRP::ROLLING},
      {"crash_restart_policy", definition.has_crash_restart_policy()},
      {"modification_tag", definition.has_modification_tag()},
  };
  for (const auto& [field, is_set] : of_the_lrp) {
    if (!is_set) continue;
    inner.Text(absl::StrCat("Invalid field: ", field,
                            ": it is the LRP's, not the definition's; leave it out here"));
  }
  models::DesiredLRP whole = definition;
  whole.set_process_guid("any");
  whole.set_domain("any");
  CheckSet("rootfs", whole.root_fs(), &inner);
  CheckWidths(whole, &inner);
  if (!IsRootFs(whole.root_fs())) inner.Field("rootfs");
  if (whole.memory_mb() < 0) inner.Field("memory_mb");
  if (whole.disk_mb() < 0) inner.Field("disk_mb");
  if (whole.max_pids() < 0) inner.Field("max_pids");
  CheckRunInfo(whole, &inner);
  Nest("definition", inner, faults);
}

void CheckDesiredLrp(const models::DesiredLRP& lrp, FaultList* faults) {
  CheckVolumeMountedFiles(lrp.volume_mounted_files(), faults);
  CheckSet("domain", lrp.domain(), faults);
  CheckSet("rootfs", lrp.root_fs(), faults);
  CheckWidths(lrp, faults);
  if (!IsRootFs(lrp.root_fs())) faults->Field("rootfs");
  CheckInstances(lrp.instances(), faults);
  if (lrp.memory_mb() < 0) faults->Field("memory_mb");
  if (lrp.disk_mb() < 0) faults->Field("disk_mb");
  if (lrp.log_rate_limit().bytes_per_second() < -1) {
    faults->Field("log_rate_limit_bytes_per_second");
  }
  CheckAnnotation(lrp.annotation(), faults);
  if (lrp.max_pids() < 0) faults->Field("max_pids");
  CheckRoutes(lrp.routes(), faults);
  if (lrp.metric_tags().empty()) faults->Field("metric_tags");
  CheckMetricTags(lrp.metric_tags(), lrp.metrics_guid(), faults);
  CheckRunInfo(lrp, faults);
  if (!models::DesiredLRP::UpdateStrategy_IsValid(lrp.update_strategy())) {
    faults->Field("update_strategy");
  }
  CheckCrashRestartPolicy(lrp.crash_restart_policy(), faults);
  CheckDefinitionId("definition_id", lrp.definition_id(), faults);
}

void CheckUpdate(const models::DesiredLRPUpdate& update, FaultList* faults) {
  CheckInstances(update.instances(), faults);
  CheckRecordSize(update.ByteSizeLong(), faults);
  CheckAnnotation(update.annotation(), faults);
  CheckRoutes(update.routes(), faults);
  CheckMetricTags(update.metric_tags(), "", faults);
  if (update.has_image_username() == update.has_image_password()) {
    CheckCredentials(update.image_username(), update.image_password(), faults);
  } else {
    faults->Field(update.has_image_username() ? "image_password" : "image_username");
  }
  CheckCrashRestartPolicy(update.crash_restart_policy(), faults);
  if (update.has_definition()) CheckDefinition(update.definition(), faults);
}

// A record without an epoch there is none: nobody can mean it.
template <typename Request>
void CheckExpectedTag(const Request& request, FaultList* faults) {
  if (request.has_expected_modification_tag() &&
      request.expected_modification_tag().epoch().empty()) {
    faults->Field("expected_modification_tag");
  }
}

}  // namespace

absl::Status Validate(const models::DesiredLRP& lrp) {
  FaultList faults;
  CheckDesiredLrp(lrp, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::DesiredLRPUpdate& update) {
  FaultList faults;
  CheckUpdate(update, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::DesireLRPRequest& request) {
  FaultList faults;
  if (request.has_desired_lrp()) {
    CheckDesiredLrp(request.desired_lrp(), &faults);
  } else {
    faults.Field("desired_lrp");
  }
  return faults.ToStatus();
}

absl::Status Validate(const models::UpdateDesiredLRPRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  CheckUpdate(request.update(), &faults);
  CheckExpectedTag(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::CancelDesiredLRPUpdateRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  CheckExpectedTag(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RollBackDesiredLRPRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  CheckSet("definition_id", request.definition_id(), &faults);
  CheckExpectedTag(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RemoveDesiredLRPRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  CheckExpectedTag(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::DesiredLRPByProcessGuidRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  return faults.ToStatus();
}

}  // namespace diego::wire
