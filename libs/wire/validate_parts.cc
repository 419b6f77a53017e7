#include "libs/wire/validate_parts.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace diego::wire {

bool IsGuid(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
}

bool IsRootFs(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || colon == 0 || !absl::ascii_isalpha(text[0])) return false;
  const absl::string_view scheme = text.substr(0, colon);
  const bool well_formed = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
  });
  return well_formed && std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

void CheckSet(absl::string_view field, absl::string_view text, FaultList* faults) {
  if (text.empty()) faults->Field(field);
}

void CheckWidth(absl::string_view field, absl::string_view text, size_t limit, FaultList* faults) {
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  };
  if (std::count_if(text.begin(), text.end(), begins_character) > static_cast<ptrdiff_t>(limit)) {
    faults->Field(field);
  }
}

void CheckRecordSize(size_t size_bytes, FaultList* faults) {
  if (size_bytes <= kRecordLimitBytes) return;
  faults->Text(absl::StrCat("the record has ", size_bytes, " bytes; make it smaller than ",
                            kRecordLimitBytes));
}

void CheckPlacementRefusal(const models::PlacementRefusal& refusal, FaultList* faults) {
  if (refusal.ByteSizeLong() <= kPlacementRefusalLimitBytes) return;
  faults->Text(absl::StrCat("placement_refusal has ", refusal.ByteSizeLong(),
                            " bytes; make it smaller than ", kPlacementRefusalLimitBytes));
}

void CheckInstances(int32_t instances, FaultList* faults) {
  if (instances < 0) faults->Field("instances");
  if (instances > kInstancesLimit) {
    faults->Text(absl::StrCat("Invalid field: instances is ", instances,
                              "; a desired LRP has at most ", kInstancesLimit,
                              ", divide it among several"));
  }
}

void CheckGuid(absl::string_view field, absl::string_view guid, FaultList* faults) {
  if (!IsGuid(guid)) faults->Field(field);
}

void CheckAnnotation(absl::string_view annotation, FaultList* faults) {
  if (annotation.size() > kAnnotationLimitBytes) faults->Field("annotation");
}

void CheckRoutes(const models::ProtoRoutes& routes, FaultList* faults) {
  size_t total = 0;
  for (const auto& route : routes.routes()) total += route.second.size();
  if (total > kRoutesLimitBytes) faults->Field("routes");
}

void CheckCredentials(absl::string_view username, absl::string_view password, FaultList* faults) {
  if (username.empty() && !password.empty()) faults->Field("image_username");
  if (!username.empty() && password.empty()) faults->Field("image_password");
}

void Nest(absl::string_view field, const FaultList& inner, FaultList* faults) {
  if (inner.empty()) return;
  faults->Field(field);
  for (const std::string& fault : inner.faults()) faults->Text(fault);
}

void CheckCachedDependencies(
    const google::protobuf::RepeatedPtrField<models::CachedDependency>& dependencies,
    FaultList* faults) {
  for (const models::CachedDependency& dependency : dependencies) {
    FaultList inner;
    CheckSet("from", dependency.from(), &inner);
    CheckSet("to", dependency.to(), &inner);
    CheckChecksum(dependency.checksum_algorithm(), dependency.checksum_value(), &inner);
    Nest("cached_dependency", inner, faults);
  }
}

void CheckCheckDefinition(const models::CheckDefinition& definition, FaultList* faults) {
  const auto check_one = [faults](const models::Check& check) {
    if (check.has_tcp_check() == check.has_http_check()) return faults->Field("check");
    const uint32_t port =
        check.has_tcp_check() ? check.tcp_check().port() : check.http_check().port();
    if (port < 1 || port > 65535) faults->Field("port");
  };
  for (const models::Check& check : definition.checks()) check_one(check);
  for (const models::Check& check : definition.readiness_checks()) check_one(check);
}

void CheckEnvironment(const google::protobuf::RepeatedPtrField<models::EnvironmentVariable>& env,
                      FaultList* faults) {
  for (const models::EnvironmentVariable& variable : env) {
    if (variable.name().empty()) faults->Text("invalid field: name cannot be blank");
  }
}

void CheckImageLayers(const google::protobuf::RepeatedPtrField<models::ImageLayer>& layers,
                      absl::string_view legacy_download_user, FaultList* faults) {
  using models::ImageLayer;
  bool any_exclusive = false;
  for (const ImageLayer& layer : layers) {
    const bool exclusive = layer.layer_type() == ImageLayer::EXCLUSIVE;
    const bool has_algorithm = layer.digest_algorithm() != ImageLayer::DigestAlgorithmInvalid &&
                               ImageLayer::DigestAlgorithm_IsValid(layer.digest_algorithm());
    const bool has_value = !layer.digest_value().empty();
    const bool unknown_algorithm = !ImageLayer::DigestAlgorithm_IsValid(layer.digest_algorithm());
    any_exclusive |= exclusive;
    FaultList inner;
    CheckSet("url", layer.url(), &inner);
    CheckSet("destination_path", layer.destination_path(), &inner);
    if (layer.layer_type() == ImageLayer::LayerTypeInvalid ||
        !ImageLayer::Type_IsValid(layer.layer_type())) {
      inner.Field("layer_type");
    }
    if (layer.media_type() == ImageLayer::MediaTypeInvalid ||
        !ImageLayer::MediaType_IsValid(layer.media_type())) {
      inner.Field("media_type");
    }
    if (unknown_algorithm || (!has_algorithm && (has_value || exclusive))) {
      inner.Field("digest_algorithm");
    }
    if (!has_value && (has_algorithm || exclusive)) inner.Field("digest_value");
    Nest("image_layer", inner, faults);
  }
  if (any_exclusive) CheckSet("legacy_download_user", legacy_download_user, faults);
}

void CheckMetricTags(const google::protobuf::Map<std::string, models::MetricTagValue>& tags,
                     absl::string_view metrics_guid, FaultList* faults) {
  using models::MetricTagValue;
  std::map<absl::string_view, const MetricTagValue*> by_name;  // the same text in every process
  for (const auto& [name, tag] : tags) by_name[name] = &tag;
  FaultList inner;
  for (const auto& [name, tag] : by_name) {
    const bool has_static = !tag->static_().empty();
    const bool has_dynamic = tag->dynamic() != MetricTagValue::DynamicValueInvalid;
    if (has_static == has_dynamic) inner.Field("static");
    if (has_static == has_dynamic || !MetricTagValue::DynamicValue_IsValid(tag->dynamic())) {
      inner.Field("dynamic");
    }
  }
  const auto source_id = tags.find("source_id");
  if (source_id != tags.end() && !metrics_guid.empty() && !source_id->second.static_().empty() &&
      metrics_guid != absl::string_view(source_id->second.static_())) {
    inner.Text("source_id should match metrics_guid");
  }
  Nest("metric_tags", inner, faults);
}

void CheckCrashRestartPolicy(const models::CrashRestartPolicy& policy, FaultList* faults) {
  const auto fault = [faults](absl::string_view field, absl::string_view wanted) {
    faults->Text(absl::StrCat("Invalid field: crash_restart_policy.", field, ": ", wanted));
  };
  const int32_t immediate = policy.number_of_immediate_restarts();
  const int32_t attempts = policy.max_restart_attempts();
  if (immediate < 0 || immediate > 9) {
    fault("number_of_immediate_restarts", absl::StrCat(immediate, " is not between 0 and 9"));
  } else if (attempts > 0 && immediate >= attempts) {
    fault("number_of_immediate_restarts",
          absl::StrCat(immediate, " is not below max_restart_attempts, which is ", attempts));
  }
  if (policy.has_max_seconds_between_restarts() && policy.max_seconds_between_restarts() <= 30) {
    fault("max_seconds_between_restarts",
          absl::StrCat(policy.max_seconds_between_restarts(), " is not above 30"));
  }
  if (attempts < 0) {
    fault("max_restart_attempts", absl::StrCat(attempts, " is negative; 0 means without end"));
  }
}

void CheckSidecar(const models::Sidecar& sidecar, FaultList* faults) {
  if (!sidecar.has_action()) {
    faults->Field("action");
  } else {
    CheckAction(sidecar.action(), faults);
  }
  if (sidecar.memory_mb() < 0) faults->Field("memory_mb");
  if (sidecar.disk_mb() < 0) faults->Field("disk_mb");
}

void CheckVolumeMount(const models::VolumeMount& mount, FaultList* faults) {
  if (mount.driver().empty()) faults->Text("invalid volume_mount driver");
  if (mount.mode() != "r" && mount.mode() != "rw") faults->Text("invalid volume_mount mode");
  if (mount.has_shared() && mount.shared().volume_id().empty()) {
    faults->Text("invalid volume_mount volume id");
  }
  if (mount.has_dedicated() && mount.dedicated().mounter_id().empty()) {
    faults->Text("invalid volume_mount mounter id");
  }
}

void CheckVolumeMountedFiles(const google::protobuf::RepeatedPtrField<models::File>& files,
                             FaultList* faults) {
  size_t total = 0;
  for (const models::File& file : files) total += file.content().size();
  if (total > kVolumeMountedFilesLimitBytes) faults->Field("volumeMountedFiles");
}

}  // namespace diego::wire
