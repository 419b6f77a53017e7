#include "libs/wire/desired_lrp.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/crash_restart_policy.h"
#include "libs/wire/enums.h"
#include "libs/wire/metric_tags.h"
#include "libs/wire/serialize.h"

namespace diego::wire {
namespace {

// Moves what DesiredLRP and DesiredLRPRunInfo have in common, either way: their members have the
// same names. Image credentials and metric tags are not among it; they are members of DesiredLrp.
template <typename From, typename To>
void MoveRunParts(From* from, To* to) {
  to->mutable_environment_variables()->Swap(from->mutable_environment_variables());
  if (from->has_setup()) to->mutable_setup()->Swap(from->mutable_setup());
  if (from->has_action()) to->mutable_action()->Swap(from->mutable_action());
  if (from->has_monitor()) to->mutable_monitor()->Swap(from->mutable_monitor());
  to->set_deprecated_start_timeout_s(from->deprecated_start_timeout_s());
  to->set_privileged(from->privileged());
  to->set_cpu_weight(from->cpu_weight());
  to->mutable_ports()->Swap(from->mutable_ports());
  to->mutable_egress_rules()->Swap(from->mutable_egress_rules());
  to->set_log_source(std::move(*from->mutable_log_source()));
  to->set_metrics_guid(std::move(*from->mutable_metrics_guid()));
  to->mutable_cached_dependencies()->Swap(from->mutable_cached_dependencies());
  to->set_legacy_download_user(std::move(*from->mutable_legacy_download_user()));
  to->set_trusted_system_certificates_path(
      std::move(*from->mutable_trusted_system_certificates_path()));
  to->mutable_volume_mounts()->Swap(from->mutable_volume_mounts());
  if (from->has_network()) to->mutable_network()->Swap(from->mutable_network());
  to->set_start_timeout_ms(from->start_timeout_ms());
  if (from->has_certificate_properties()) {
    to->mutable_certificate_properties()->Swap(from->mutable_certificate_properties());
  }
  if (from->has_check_definition()) {
    to->mutable_check_definition()->Swap(from->mutable_check_definition());
  }
  to->mutable_image_layers()->Swap(from->mutable_image_layers());
  to->mutable_sidecars()->Swap(from->mutable_sidecars());
  if (from->has_log_rate_limit()) {
    to->mutable_log_rate_limit()->Swap(from->mutable_log_rate_limit());
  }
  to->mutable_volume_mounted_files()->Swap(from->mutable_volume_mounted_files());
}

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& proto) {
  return {proto.begin(), proto.end()};
}

}  // namespace

models::DesiredLRP ToRoutingInfoProto(const DesiredLrp& lrp) {
  models::DesiredLRP proto;
  proto.set_process_guid(lrp.process_guid.value());
  proto.set_domain(lrp.domain.value());
  proto.set_log_guid(lrp.log_guid);
  proto.set_instances(lrp.instances);
  *proto.mutable_routes() = ToProto(lrp.routes);
  *proto.mutable_modification_tag() = ToProto(lrp.tag);
  ToProto(lrp.metric_tags, proto.mutable_metric_tags());
  return proto;
}

absl::StatusOr<models::DesiredLRP> ToProto(const DesiredLrp& lrp) {
  DIEGO_ASSIGN_OR_RETURN(models::DesiredLRPRunInfo run_info, RunInfoOf(lrp));
  models::DesiredLRP proto = ToRoutingInfoProto(lrp);
  proto.set_annotation(lrp.annotation);
  proto.set_root_fs(lrp.placement.root_fs);
  for (const std::string& tag : lrp.placement.placement_tags) proto.add_placementtags(tag);
  proto.set_memory_mb(lrp.size.memory_mb);
  proto.set_disk_mb(lrp.size.disk_mb);
  proto.set_max_pids(lrp.size.max_pids);
  proto.set_image_username(lrp.image_username);
  proto.set_image_password(lrp.image_password);
  proto.set_update_strategy(static_cast<models::DesiredLRP::UpdateStrategy>(lrp.update_strategy));
  proto.set_definition_id(lrp.DefinitionId());
  if (!lrp.crash_restart_policy.empty()) {
    *proto.mutable_crash_restart_policy() = ToProto(lrp.crash_restart_policy);
  }
  MoveRunParts(&run_info, &proto);
  FillSourceId(proto.mutable_metrics_guid(), proto.mutable_metric_tags());
  return proto;
}

absl::StatusOr<DesiredLrp> FromProto(models::DesiredLRP proto, absl::Time created_at) {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid(proto.process_guid());
  lrp.domain = Domain(proto.domain());
  lrp.log_guid = proto.log_guid();
  lrp.instances = proto.instances();
  lrp.annotation = proto.annotation();
  lrp.size = {proto.memory_mb(), proto.disk_mb(), proto.max_pids()};
  lrp.placement.root_fs = proto.root_fs();
  lrp.placement.placement_tags = Strings(proto.placementtags());
  for (const models::VolumeMount& mount : proto.volume_mounts()) {
    lrp.placement.volume_drivers.push_back(mount.driver());
  }
  lrp.routes = FromProto(proto.routes());
  DIEGO_ASSIGN_OR_RETURN(lrp.metric_tags, FromProto(proto.metric_tags()));
  lrp.image_username = proto.image_username();
  lrp.image_password = proto.image_password();
  DIEGO_RETURN_IF_ERROR(ReadEnum("update_strategy", proto.update_strategy(),
                                 models::DesiredLRP::UpdateStrategy_IsValid, &lrp.update_strategy));
  lrp.crash_restart_policy = FromProto(proto.crash_restart_policy());
  lrp.definition_id = proto.definition_id();
  lrp.tag = FromProto(proto.modification_tag());

  models::DesiredLRPRunInfo run_info;
  run_info.mutable_desired_lrp_key()->set_process_guid(proto.process_guid());
  run_info.mutable_desired_lrp_key()->set_domain(proto.domain());
  run_info.mutable_desired_lrp_key()->set_log_guid(proto.log_guid());
  run_info.set_created_at(absl::ToUnixNanos(created_at));
  MoveRunParts(&proto, &run_info);
  lrp.run_info = Opaque(Serialize(run_info));
  return lrp;
}

models::VolumePlacement ToVolumesProto(const PlacementConstraint& placement) {
  models::VolumePlacement proto;
  if (!placement.unknown_of_volumes.empty()) {
    proto.ParseFromString(placement.unknown_of_volumes.bytes());
  }
  for (const std::string& driver : placement.volume_drivers) proto.add_driver_names(driver);
  return proto;
}

void FromProto(models::VolumePlacement proto, PlacementConstraint* placement) {
  placement->volume_drivers = Strings(proto.driver_names());
  proto.clear_driver_names();
  placement->unknown_of_volumes = Opaque(Serialize(proto));
}

models::DesiredLRPSchedulingInfo ToSchedulingInfoProto(const DesiredLrp& lrp) {
  models::DesiredLRPSchedulingInfo proto;
  proto.mutable_desired_lrp_key()->set_process_guid(lrp.process_guid.value());
  proto.mutable_desired_lrp_key()->set_domain(lrp.domain.value());
  proto.mutable_desired_lrp_key()->set_log_guid(lrp.log_guid);
  proto.set_annotation(lrp.annotation);
  proto.set_instances(lrp.instances);
  proto.mutable_desired_lrp_resource()->set_memory_mb(lrp.size.memory_mb);
  proto.mutable_desired_lrp_resource()->set_disk_mb(lrp.size.disk_mb);
  proto.mutable_desired_lrp_resource()->set_root_fs(lrp.placement.root_fs);
  proto.mutable_desired_lrp_resource()->set_max_pids(lrp.size.max_pids);
  *proto.mutable_routes() = ToProto(lrp.routes);
  *proto.mutable_modification_tag() = ToProto(lrp.tag);
  *proto.mutable_volume_placement() = ToVolumesProto(lrp.placement);
  for (const std::string& tag : lrp.placement.placement_tags) proto.add_placementtags(tag);
  return proto;
}

DesiredLrp FromProto(const models::DesiredLRPSchedulingInfo& proto) {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid(proto.desired_lrp_key().process_guid());
  lrp.domain = Domain(proto.desired_lrp_key().domain());
  lrp.log_guid = proto.desired_lrp_key().log_guid();
  lrp.annotation = proto.annotation();
  lrp.instances = proto.instances();
  const models::DesiredLRPResource& resource = proto.desired_lrp_resource();
  lrp.size = {resource.memory_mb(), resource.disk_mb(), resource.max_pids()};
  lrp.placement.root_fs = resource.root_fs();
  lrp.placement.placement_tags = Strings(proto.placementtags());
  FromProto(proto.volume_placement(), &lrp.placement);
  lrp.routes = FromProto(proto.routes());
  lrp.tag = FromProto(proto.modification_tag());
  return lrp;
}

absl::StatusOr<LrpDefinition> DefinitionFromProto(models::DesiredLRP proto) {
  proto.clear_metrics_guid();  // of the LRP's metric tags, and filled from there
  DIEGO_ASSIGN_OR_RETURN(DesiredLrp lrp, FromProto(std::move(proto)));
  return LrpDefinition{std::move(lrp.definition_id),  lrp.size,
                       std::move(lrp.placement),      std::move(lrp.image_username),
                       std::move(lrp.image_password), std::move(lrp.run_info)};
}

absl::StatusOr<models::DesiredLRP> ToProto(const LrpDefinition& definition) {
  DesiredLrp lrp;
  lrp.definition_id = definition.id;
  lrp.size = definition.size;
  lrp.placement = definition.placement;
  lrp.image_username = definition.image_username;
  lrp.image_password = definition.image_password;
  lrp.run_info = definition.run_info;
  DIEGO_ASSIGN_OR_RETURN(models::DesiredLRP proto, ToProto(lrp));
  proto.clear_routes();
  proto.clear_modification_tag();
  proto.clear_metrics_guid();
  proto.clear_metric_tags();
  return proto;
}

absl::StatusOr<models::DesiredLRPUpdate> ToProto(const DesiredLrpUpdate& update) {
  models::DesiredLRPUpdate proto;
  if (update.instances) proto.set_instances(*update.instances);
  if (update.routes) *proto.mutable_routes() = ToProto(*update.routes);
  if (update.annotation) proto.set_annotation(*update.annotation);
  if (update.metric_tags) ToProto(*update.metric_tags, proto.mutable_metric_tags());
  if (update.image_username) proto.set_image_username(*update.image_username);
  if (update.image_password) proto.set_image_password(*update.image_password);
  if (update.crash_restart_policy) {
    *proto.mutable_crash_restart_policy() = ToProto(*update.crash_restart_policy);
  }
  if (update.definition) {
    DIEGO_ASSIGN_OR_RETURN(*proto.mutable_definition(), ToProto(*update.definition));
  }
  return proto;
}

absl::StatusOr<DesiredLrpUpdate> FromProto(const models::DesiredLRPUpdate& proto) {
  DesiredLrpUpdate update;
  if (proto.has_instances()) update.instances = proto.instances();
  if (proto.has_routes()) update.routes = FromProto(proto.routes());
  if (proto.has_annotation()) update.annotation = proto.annotation();
  if (!proto.metric_tags().empty()) {
    DIEGO_ASSIGN_OR_RETURN(update.metric_tags, FromProto(proto.metric_tags()));
  }
  if (proto.has_image_username()) update.image_username = proto.image_username();
  if (proto.has_image_password()) update.image_password = proto.image_password();
  if (proto.has_crash_restart_policy()) {
    update.crash_restart_policy = FromProto(proto.crash_restart_policy());
  }
  if (proto.has_definition()) {
    DIEGO_ASSIGN_OR_RETURN(update.definition, DefinitionFromProto(proto.definition()));
  }
  return update;
}

absl::StatusOr<models::DesiredLRPRunInfo> RunInfoOf(const DesiredLrp& lrp) {
  models::DesiredLRPRunInfo run_info;
  DIEGO_RETURN_IF_ERROR(Parse(lrp.run_info.bytes(), "run_info", &run_info));
  return run_info;
}

// Serialized messages that follow each other are one message, so nothing needs to be parsed.
std::string RunInfoWithCredentials(const DesiredLrp& lrp) {
  models::DesiredLRPRunInfo credentials;
  credentials.set_image_username(lrp.image_username);
  credentials.set_image_password(lrp.image_password);
  return lrp.run_info.bytes() + Serialize(credentials);
}

absl::Status SetRunInfoWithCredentials(absl::string_view bytes, DesiredLrp* lrp) {
  models::DesiredLRPRunInfo run_info;
  DIEGO_RETURN_IF_ERROR(Parse(bytes, "run_info", &run_info));
  lrp->image_username = std::move(*run_info.mutable_image_username());
  lrp->image_password = std::move(*run_info.mutable_image_password());
  run_info.clear_image_username();
  run_info.clear_image_password();
  lrp->run_info = Opaque(Serialize(run_info));
  return absl::OkStatus();
}

models::ProtoRoutes ToProto(const Routes& routes) {
  models::ProtoRoutes proto;
  for (const auto& [router, config] : routes) (*proto.mutable_routes())[router] = config;
  return proto;
}

Routes FromProto(const models::ProtoRoutes& proto) {
  return {proto.routes().begin(), proto.routes().end()};
}

}  // namespace diego::wire
