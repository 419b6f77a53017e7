#include "services/rep/effects/ignored_fields.h"

#include <algorithm>

namespace diego::rep {
namespace {

// Files may be asked for by any process of an action, too.
bool AsksForFiles(const models::Action& action) {
  const auto any = [](const auto& list) {
    return std::any_of(list.actions().begin(), list.actions().end(), AsksForFiles);
  };
  return !action.run_action().volume_mounted_files().empty() ||
         (action.has_timeout_action() && AsksForFiles(action.timeout_action().action())) ||
         (action.has_emit_progress_action() &&
          AsksForFiles(action.emit_progress_action().action())) ||
         (action.has_try_action() && AsksForFiles(action.try_action().action())) ||
         any(action.parallel_action()) || any(action.serial_action()) ||
         any(action.codependent_action());
}

bool AskForFiles(const models::DesiredLRPRunInfo& info) {
  return AsksForFiles(info.setup()) || AsksForFiles(info.action()) ||
         AsksForFiles(info.monitor()) ||
         std::any_of(info.sidecars().begin(), info.sidecars().end(),
                     [](const models::Sidecar& sidecar) { return AsksForFiles(sidecar.action()); });
}

bool AskForFiles(const models::TaskDefinition& definition) {
  return AsksForFiles(definition.action());
}

// What both have. `readiness_checks`: whether there are any.
template <typename Wishes>
std::vector<std::string> Ignored(const Wishes& wishes, bool readiness_checks, int32_t disk_mb) {
  std::vector<std::string> names;
  const auto add = [&](bool is_set, const char* name) {
    if (is_set) names.emplace_back(name);
  };
  add(!wishes.egress_rules().empty(), "egress_rules");
  add(readiness_checks, "check_definition.readiness_checks");
  add(!wishes.volume_mounted_files().empty() || AskForFiles(wishes), "volume_mounted_files");
  add(disk_mb > 0, "disk_mb");
  add(wishes.has_certificate_properties(), "certificate_properties");
  add(!wishes.network().properties().empty(), "network");
  return names;
}

}  // namespace

std::vector<std::string> IgnoredFields(const models::DesiredLRPRunInfo& info, int32_t disk_mb) {
  return Ignored(info, !info.check_definition().readiness_checks().empty(), disk_mb);
}

std::vector<std::string> IgnoredFields(const models::TaskDefinition& definition) {
  return Ignored(definition, /*readiness_checks=*/false, definition.disk_mb());
}

}  // namespace diego::rep
