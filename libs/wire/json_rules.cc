#include "libs/wire/json_rules.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace diego::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;

constexpr JsonRule kRules[] = {
    // Shared parts.
    {"CachedDependency.checksum_algorithm", nullptr, kOmit},
    {"CachedDependency.checksum_value", nullptr, kOmit},
    {"SecurityGroupRule.protocol", nullptr, kOmit},
    {"LogRateLimit.bytes_per_second", nullptr, kOmit},
    {"CrashRestartPolicy.number_of_immediate_restarts", nullptr, kOmit},
    {"CrashRestartPolicy.max_seconds_between_restarts", nullptr, kOmit},
    {"CrashRestartPolicy.max_restart_attempts", nullptr, kOmit},
    {"MetricTagValue.static", nullptr, kOmit},
    {"MetricTagValue.dynamic", nullptr, kOmit | kZeroIfUnknown},
    {"ImageLayer.name", nullptr, kOmit},
    {"ImageLayer.digest_algorithm", nullptr, kOmit},
    {"ImageLayer.digest_value", nullptr, kOmit},
    {"VolumeMount.shared", nullptr, kKeep},
    {"VolumeMount.dedicated", nullptr, kKeep},
    {"VolumePlacement.driver_names", nullptr, kKeep},
    {"TCPCheck.connect_timeout_ms", nullptr, kOmit},
    {"TCPCheck.interval_ms", nullptr, kOmit},
    {"HTTPCheck.request_timeout_ms", nullptr, kOmit},
    {"HTTPCheck.interval_ms", nullptr, kOmit},
    {"ProtoRoutes.routes", nullptr, kBare},
    // Actions.
    {"Action.download_action", "download", 0},
    {"Action.upload_action", "upload", 0},
    {"Action.run_action", "run", 0},
    {"Action.timeout_action", "timeout", 0},
    {"Action.emit_progress_action", "emit_progress", 0},
    {"Action.try_action", "try", 0},
    {"Action.parallel_action", "parallel", 0},
    {"Action.serial_action", "serial", 0},
    {"Action.codependent_action", "codependent", 0},
    {"DownloadAction.artifact", nullptr, kOmit},
    {"DownloadAction.log_source", nullptr, kOmit},
    {"DownloadAction.checksum_algorithm", nullptr, kOmit},
    {"DownloadAction.checksum_value", nullptr, kOmit},
    {"UploadAction.artifact", nullptr, kOmit},
    {"UploadAction.log_source", nullptr, kOmit},
    {"TimeoutAction.deprecated_timeout_ns", "timeout", kOmit},
    {"TimeoutAction.log_source", nullptr, kOmit},
    {"EmitProgressAction.log_source", nullptr, kOmit},
    {"TryAction.log_source", nullptr, kOmit},
    {"ParallelAction.log_source", nullptr, kOmit},
    {"SerialAction.log_source", nullptr, kOmit},
    {"CodependentAction.log_source", nullptr, kOmit},
    {"RunAction.dir", nullptr, kOmit},
    {"RunAction.log_source", nullptr, kOmit},
    {"RunAction.volume_mounted_files", nullptr, kKeep},
    // Actual LRPs.
    {"ActualLRPNetInfo.ports", nullptr, kKeep},
    {"ActualLRPNetInfo.instance_address", nullptr, kOmit},
    {"ActualLRPNetInfo.instance_ipv6_address", nullptr, kOmit},
    {"ActualLRP.actual_lrp_key", nullptr, kFlat | kAlways},
    {"ActualLRP.actual_lrp_instance_key", nullptr, kFlat | kAlways},
    {"ActualLRP.actual_lrp_net_info", nullptr, kFlat | kAlways},
    {"ActualLRP.crash_reason", nullptr, kOmit},
    {"ActualLRP.placement_error", nullptr, kOmit},
    {"ActualLRP.modification_tag", nullptr, kKeep | kAlways},
    {"ActualLRP.routable", "OptionalRoutable", kWrapped},
    {"ActualLRP.definition_id", nullptr, kOmit},
    {"ActualLRPInfo.definition_id", nullptr, kOmit},
    {"ClaimActualLRPRequest.definition_id", nullptr, kOmit},
    {"StartActualLRPRequest.definition_id", nullptr, kOmit},
    {"EvacuateRunningActualLRPRequest.definition_id", nullptr, kOmit},
    {"ActualLRPInfo.actual_lrp_net_info", nullptr, kFlat | kAlways},
    {"ActualLRPInfo.crash_reason", nullptr, kOmit},
    {"ActualLRPInfo.placement_error", nullptr, kOmit},
    {"ActualLRPInfo.modification_tag", nullptr, kKeep | kAlways},
    {"ActualLRPInfo.Routable", "OptionalRoutable", kWrapped | kOmit},
    {"StartActualLRPRequest.Routable", "OptionalRoutable", kWrapped | kOmit},
    {"EvacuateRunningActualLRPRequest.Routable", "OptionalRoutable", kWrapped | kOmit},
    {"ActualLRPsResponse.revision", nullptr, kOmit},
    {"ActualLRPsByProcessGuidsRequest.process_guids", nullptr, kKeep},
    {"ActualLRPsByProcessGuidsResponse.revision", nullptr, kOmit},
    {"PlacementRefusal.cells_unreachable", nullptr, kOmit},
    {"PlacementRefusal.cells_evacuating", nullptr, kOmit},
    {"PlacementRefusal.cells_without_root_fs", nullptr, kOmit},
    {"PlacementRefusal.cells_without_volume_drivers", nullptr, kOmit},
    {"PlacementRefusal.cells_without_placement_tags", nullptr, kOmit},
    {"PlacementRefusal.cells_short_of_memory", nullptr, kOmit},
    {"PlacementRefusal.cells_short_of_disk", nullptr, kOmit},
    {"PlacementRefusal.cells_short_of_containers", nullptr, kOmit},
    {"PlacementRefusal.memory_needed_mb", nullptr, kOmit},
    {"PlacementRefusal.memory_short_mb", nullptr, kOmit},
    {"PlacementRefusal.disk_needed_mb", nullptr, kOmit},
    {"PlacementRefusal.disk_short_mb", nullptr, kOmit},
    {"PlacementRefusal.containers_starting", nullptr, kOmit},
    {"PlacementRefusal.containers_starting_limit", nullptr, kOmit},
    {"PlacementRefusal.times_handed_back", nullptr, kOmit},
    // Desired LRPs.
    {"DesiredLRPResource.root_fs", "rootfs", 0},
    {"DesiredLRPSchedulingInfo.desired_lrp_key", nullptr, kFlat | kAlways},
    {"DesiredLRPSchedulingInfo.desired_lrp_resource", nullptr, kFlat | kAlways},
    {"DesiredLRPSchedulingInfo.routes", nullptr, kAlways},
    {"DesiredLRPSchedulingInfo.modification_tag", nullptr, kFlat | kAlways},
    {"DesiredLRPSchedulingInfo.PlacementTags", "placement_tags", 0},
    {"DesiredLRP.root_fs", "rootfs", 0},
    {"DesiredLRP.environment_variables", "env", kKeep},
    {"DesiredLRP.deprecated_start_timeout_s", "deprecated_timeout_ns", kOmit},
    {"DesiredLRP.legacy_download_user", nullptr, kOmit},
    {"DesiredLRP.trusted_system_certificates_path", nullptr, kOmit},
    {"DesiredLRP.PlacementTags", "placement_tags", 0},
    {"DesiredLRP.image_username", nullptr, kOmit},
    {"DesiredLRP.image_password", nullptr, kOmit},
    {"DesiredLRP.volume_mounted_files", nullptr, kKeep},
    {"DesiredLRP.update_strategy", nullptr, kNumber},
    {"DesiredLRP.definition_id", nullptr, kOmit},
    {"DesiredLRPByProcessGuidRequest.definition_id", nullptr, kOmit},
    {"DesiredLRPDefinitionsResponse.rolling_index", nullptr, kOmit},
    {"DesiredLRPDefinitionsResponse.cancel_returns_to", nullptr, kOmit},
    {"DesiredLRPRunInfo.desired_lrp_key", nullptr, kFlat | kAlways},
    {"DesiredLRPRunInfo.environment_variables", "env", kKeep},
    {"DesiredLRPRunInfo.deprecated_start_timeout_s", "start_timeout", kOmit},
    {"DesiredLRPRunInfo.legacy_download_user", nullptr, kOmit},
    {"DesiredLRPRunInfo.trusted_system_certificates_path", nullptr, kOmit},
    {"DesiredLRPRunInfo.image_username", nullptr, kOmit},
    {"DesiredLRPRunInfo.image_password", nullptr, kOmit},
    {"DesiredLRPRunInfo.volume_mounted_files", nullptr, kKeep},
    {"DesiredLRPsResponse.revision", nullptr, kOmit},
    {"DesiredLRPResponse.revision", nullptr, kOmit},
    {"DesiredLRPSchedulingInfosResponse.revision", nullptr, kOmit},
    // Tasks.
    {"TaskDefinition.root_fs", "rootfs", 0},
    {"TaskDefinition.environment_variables", "env", 0},
    {"TaskDefinition.completion_callback_url", nullptr, kOmit},
    {"TaskDefinition.annotation", nullptr, kOmit},
    {"TaskDefinition.legacy_download_user", nullptr, kOmit},
    {"TaskDefinition.trusted_system_certificates_path", nullptr, kOmit},
    {"TaskDefinition.volume_mounted_files", nullptr, kKeep},
    {"Task.task_definition", nullptr, kFlat},
    {"DesireTaskRequest.task_definition", nullptr, kKeep},
    {"TaskCallbackResponse.annotation", nullptr, kOmit},
    {"TasksResponse.revision", nullptr, kOmit},
    {"TaskResponse.revision", nullptr, kOmit},
    // Cells.
    {"CellPresence.rootfs_providers", "rootfs_provider_list", 0},
    {"CellPresence.annotations", nullptr, kKeep | kEmptyObject},
    {"CellPresence.rep_grpc_address", nullptr, kOmit},
    // Events.
    {"ActualLRPInstanceChangedEvent.actual_lrp_key", nullptr, kFlat | kAlways},
    {"ActualLRPInstanceChangedEvent.actual_lrp_instance_key", nullptr, kFlat | kAlways},
    {"ActualLRPCrashedEvent.actual_lrp_key", nullptr, kFlat | kAlways},
    {"ActualLRPCrashedEvent.actual_lrp_instance_key", nullptr, kFlat | kAlways},
    {"ActualLRPCrashedEvent.crash_reason", nullptr, kOmit},
    // Locket.
    {"Resource.key", nullptr, kOmit},
    {"Resource.owner", nullptr, kOmit},
    {"Resource.value", nullptr, kOmit},
    {"Resource.type", nullptr, kOmit},
    {"Resource.type_code", nullptr, kOmit | kNumber},
    {"Resource.fencing_token", nullptr, kOmit},
    {"LockResponse.fencing_token", nullptr, kOmit},
    {"FetchAllRequest.type_code", nullptr, kNumber},
};

using RulesByField = absl::flat_hash_map<const FieldDescriptor*, const JsonRule*>;

// A program need not link every message; the rules of those it lacks are skipped.
RulesByField IndexRules() {
  RulesByField index;
  for (const JsonRule& rule : kRules) {
    const FieldDescriptor* field =
        DescriptorPool::generated_pool()->FindFieldByName(std::string("models.") + rule.field);
    if (field != nullptr) index.emplace(field, &rule);
  }
  return index;
}

bool IsScalar(const FieldDescriptor* field) {
  return !field->is_repeated() && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
}

}  // namespace

absl::Span<const JsonRule> JsonRules() { return kRules; }

JsonField JsonFieldOf(const FieldDescriptor* field) {
  static const RulesByField* const kIndex = new RulesByField(IndexRules());
  const auto found = kIndex->find(field);
  const JsonRule* rule = found == kIndex->end() ? nullptr : found->second;
  JsonField result;
  result.key = field->name();
  if (rule != nullptr && rule->key != nullptr) result.key = rule->key;
  result.flags = rule != nullptr ? rule->flags : 0;
  result.omit_empty = IsScalar(field) ? result.Is(kOmit) : !result.Is(kKeep);
  return result;
}

const FieldDescriptor* BareField(const Descriptor* message) {
  if (message->field_count() != 1) return nullptr;
  const FieldDescriptor* only = message->field(0);
  return JsonFieldOf(only).Is(kBare) ? only : nullptr;
}

}  // namespace diego::wire
