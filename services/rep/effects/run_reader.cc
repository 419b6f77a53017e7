#include "services/rep/effects/run_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/metric_tags.h"
#include "libs/wire/task.h"
#include "nlohmann/json.hpp"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"
#include "services/rep/containers/environment.h"
#include "services/rep/effects/action_reader.h"
#include "services/rep/effects/ignored_fields.h"
#include "services/rep/effects/root_fs_reader.h"

namespace diego::rep {
namespace {

CachedDependency Read(const models::CachedDependency& proto) {
  return {proto.name(),          proto.from(),       proto.to(),
          proto.cache_key(),     proto.log_source(), proto.checksum_algorithm(),
          proto.checksum_value()};
}

std::string AlgorithmOf(const models::ImageLayer& layer) {
  return absl::AsciiStrToLower(models::ImageLayer::DigestAlgorithm_Name(layer.digest_algorithm()));
}

// "<alg>:<digest>", or the URL when there is no digest.
std::string CacheKeyOf(const models::ImageLayer& layer) {
  return layer.digest_value().empty() ? layer.url()
                                      : absl::StrCat(AlgorithmOf(layer), ":", layer.digest_value());
}

// Shared layers become cached dependencies before the others, exclusive ones downloads before the
// first action. Source: reference/wire-models.md "Version downgrades applied by read endpoints".
template <typename Layers, typename Dependencies>
std::vector<CachedDependency> ReadDependencies(const Layers& layers,
                                               const Dependencies& dependencies) {
  std::vector<CachedDependency> read;
  for (const models::ImageLayer& layer : layers) {
    if (layer.layer_type() != models::ImageLayer::SHARED) continue;
    const bool digest = !layer.digest_value().empty();
    read.push_back({layer.name(), layer.url(), layer.destination_path(), CacheKeyOf(layer), "",
                    digest ? AlgorithmOf(layer) : "", layer.digest_value()});
  }
  for (const models::CachedDependency& dependency : dependencies) read.push_back(Read(dependency));
  return read;
}

// Either may be null.
ActionPtr InOrder(ActionPtr first, ActionPtr second) {
  if (first == nullptr) return second;
  if (second == nullptr) return first;
  return MakeAction(SerialAction{{std::move(first), std::move(second)}, ""});
}

template <typename Layers>
ActionPtr WithLayers(const Layers& layers, const std::string& user, ActionPtr first) {
  ParallelAction downloads;
  for (const models::ImageLayer& layer : layers) {
    if (layer.layer_type() != models::ImageLayer::EXCLUSIVE) continue;
    downloads.actions.push_back(MakeAction(
        DownloadAction{layer.name(), layer.url(), layer.destination_path(), CacheKeyOf(layer), "",
                       user, AlgorithmOf(layer), layer.digest_value()}));
  }
  if (downloads.actions.empty()) return first;
  return InOrder(MakeAction(std::move(downloads)), std::move(first));
}

absl::StatusOr<uint16_t> ReadPort(uint32_t port) {
  if (port == 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, " is not between 1 and 65535"));
  }
  return static_cast<uint16_t>(port);
}

absl::Status ReadCheck(const models::Check& proto, std::vector<HealthCheck>* checks) {
  HealthCheck check;
  if (proto.has_http_check()) {
    const models::HTTPCheck& http = proto.http_check();
    check.kind = HealthCheck::Kind::kHttp;
    DIEGO_ASSIGN_OR_RETURN(check.port, ReadPort(http.port()));
    if (!http.path().empty()) check.path = http.path();
    check.timeout = absl::Milliseconds(http.request_timeout_ms());
    check.interval = absl::Milliseconds(http.interval_ms());
  } else if (proto.has_tcp_check()) {
    const models::TCPCheck& tcp = proto.tcp_check();
    DIEGO_ASSIGN_OR_RETURN(check.port, ReadPort(tcp.port()));
    check.timeout = absl::Milliseconds(tcp.connect_timeout_ms());
    check.interval = absl::Milliseconds(tcp.interval_ms());
  } else {
    return absl::InvalidArgumentError("a check has neither a tcp_check nor an http_check");
  }
  checks->push_back(std::move(check));
  return absl::OkStatus();
}

absl::Status ReadChecks(const models::DesiredLRPRunInfo& info, RunSpec* spec) {
  if (!info.has_check_definition()) return absl::OkStatus();
  CheckDefinition definition;
  definition.log_source = info.check_definition().log_source();
  for (const models::Check& check : info.check_definition().checks()) {
    DIEGO_RETURN_IF_ERROR(ReadCheck(check, &definition.checks));
  }
  if (!definition.checks.empty()) spec->checks = std::move(definition);
  return absl::OkStatus();
}

template <typename Definition>
int64_t LogRateOf(const Definition& definition) {
  return definition.has_log_rate_limit() ? definition.log_rate_limit().bytes_per_second() : -1;
}

template <typename Variables>
void AppendEnvironment(const Variables& variables, Environment* env) {
  for (const auto& variable : variables) env->push_back({variable.name(), variable.value()});
}

// The main action, and the sidecars' beside it: all end when one does.
absl::StatusOr<ActionPtr> ReadMainAction(const models::DesiredLRPRunInfo& info) {
  DIEGO_ASSIGN_OR_RETURN(ActionPtr main, ReadAction(info.action()));
  if (info.sidecars().empty()) return main;
  CodependentAction all;
  all.actions.push_back(std::move(main));
  for (const models::Sidecar& sidecar : info.sidecars()) {
    DIEGO_ASSIGN_OR_RETURN(ActionPtr action, ReadAction(sidecar.action()));
    all.actions.push_back(std::move(action));
  }
  return MakeAction(std::move(all));
}

absl::Status ReadActions(const models::DesiredLRPRunInfo& info, RunSpec* spec) {
  DIEGO_ASSIGN_OR_RETURN(spec->action, ReadMainAction(info));
  if (info.has_setup()) {
    DIEGO_ASSIGN_OR_RETURN(spec->setup, ReadAction(info.setup()));
  }
  if (info.has_monitor()) {
    DIEGO_ASSIGN_OR_RETURN(spec->monitor, ReadAction(info.monitor()));
  }
  spec->setup = WithLayers(info.image_layers(), info.legacy_download_user(), spec->setup);
  return absl::OkStatus();
}

// Hostnames of the `internal-router` key; what cannot be read is left out.
std::vector<std::string> InternalRoutesOf(const DesiredLrp& lrp) {
  std::vector<std::string> hostnames;
  const auto found = lrp.routes.find("internal-router");
  if (found == lrp.routes.end()) return hostnames;
  const nlohmann::json routes =
      nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (!routes.is_array()) return hostnames;
  for (const nlohmann::json& route : routes) {
    if (!route.is_object()) continue;
    const auto hostname = route.find("hostname");
    if (hostname != route.end() && hostname->is_string()) {
      hostnames.push_back(hostname->get<std::string>());
    }
  }
  return hostnames;
}

}  // namespace

std::map<std::string, std::string> ResolveMetricTags(const MetricTags& tags, int32_t index,
                                                     const std::string& instance_guid) {
  std::map<std::string, std::string> resolved;
  for (const auto& [name, value] : tags) {
    switch (value.dynamic) {
      case MetricTagValue::Dynamic::kIndex: resolved[name] = absl::StrCat(index); break;
      case MetricTagValue::Dynamic::kInstanceGuid: resolved[name] = instance_guid; break;
      case MetricTagValue::Dynamic::kInvalid: resolved[name] = value.static_value; break;
    }
  }
  return resolved;
}

absl::StatusOr<LrpRun> ReadLrpRun(const DesiredLrp& lrp, const ActualLrpKey& key,
                                  const InstanceGuid& instance_guid) {
  DIEGO_ASSIGN_OR_RETURN(const models::DesiredLRPRunInfo info, wire::RunInfoOf(lrp));
  if (!info.volume_mounts().empty()) {
    return absl::InvalidArgumentError("volume mounts are not supported by this cell");
  }
  LrpRun run;
  run.internal_routes = InternalRoutesOf(lrp);
  run.metric_tags = ResolveMetricTags(lrp.metric_tags, key.index, instance_guid.value());
  run.ignored_fields = IgnoredFields(info, lrp.size.disk_mb);
  RunSpec& spec = run.spec;
  DIEGO_ASSIGN_OR_RETURN(const RootFs root_fs,
                         ReadRootFs(lrp.placement.root_fs, info.legacy_download_user()));
  spec.root_fs = root_fs.url;
  spec.env = LrpEnvironment(instance_guid.value(), key.index, [&] {
    Environment own;
    AppendEnvironment(info.environment_variables(), &own);
    return own;
  }());
  DIEGO_RETURN_IF_ERROR(ReadActions(info, &spec));
  spec.setup = InOrder(root_fs.layer, std::move(spec.setup));
  DIEGO_RETURN_IF_ERROR(ReadChecks(info, &spec));
  spec.start_timeout = info.start_timeout_ms() > 0
                           ? absl::Milliseconds(info.start_timeout_ms())
                           : absl::Seconds(info.deprecated_start_timeout_s());
  for (const uint32_t number : info.ports()) {
    DIEGO_ASSIGN_OR_RETURN(const uint16_t port, ReadPort(number));
    spec.ports.push_back(port);
  }
  spec.cpu_weight = std::max(1u, info.cpu_weight());
  spec.privileged = info.privileged();
  spec.cached_dependencies = ReadDependencies(info.image_layers(), info.cached_dependencies());
  spec.trusted_system_certificates_path = info.trusted_system_certificates_path();
  spec.log = {lrp.log_guid, key.index, info.log_source(), run.metric_tags, LogRateOf(info)};
  return run;
}

absl::StatusOr<TaskRun> ReadTaskRun(const Task& task) {
  DIEGO_ASSIGN_OR_RETURN(const models::TaskDefinition definition, wire::DefinitionOf(task));
  if (!definition.volume_mounts().empty()) {
    return absl::InvalidArgumentError("volume mounts are not supported by this cell");
  }
  DIEGO_ASSIGN_OR_RETURN(const MetricTags tags, wire::FromProto(definition.metric_tags()));
  TaskRun run;
  run.result_file = definition.result_file();
  run.ignored_fields = IgnoredFields(definition);
  RunSpec& spec = run.spec;
  DIEGO_ASSIGN_OR_RETURN(const RootFs root_fs,
                         ReadRootFs(definition.root_fs(), definition.legacy_download_user()));
  spec.root_fs = root_fs.url;
  AppendEnvironment(definition.environment_variables(), &spec.env);
  DIEGO_ASSIGN_OR_RETURN(ActionPtr action, ReadAction(definition.action()));
  spec.action = InOrder(
      root_fs.layer,
      WithLayers(definition.image_layers(), definition.legacy_download_user(), std::move(action)));
  spec.cpu_weight = definition.cpu_weight();
  spec.privileged = definition.privileged();
  spec.cached_dependencies =
      ReadDependencies(definition.image_layers(), definition.cached_dependencies());
  spec.trusted_system_certificates_path = definition.trusted_system_certificates_path();
  spec.log = {definition.log_guid(), 0, definition.log_source(),
              ResolveMetricTags(tags, 0, task.task_guid.value()), LogRateOf(definition)};
  return run;
}

}  // namespace diego::rep
