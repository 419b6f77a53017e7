// Environment variables that the cell adds. Pure.
// Source: reference/behaviours.md section 10, the table of environment variables.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/rep/containers/action.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

// INSTANCE_GUID, INSTANCE_INDEX, CF_INSTANCE_GUID, CF_INSTANCE_INDEX, then the LRP's own. For
// RunSpec::env of an LRP; a task has its own variables alone.
Environment LrpEnvironment(const std::string& instance_guid, int32_t index, const Environment& own);

// RunSpec::env, then CF_SYSTEM_CERT_PATH when there is one.
Environment ContainerEnvironment(const Environment& env,
                                 const std::string& trusted_system_certificates_path);

// The action's own, then CF_INSTANCE_IP, …INTERNAL_IP, …PORT, …ADDR, …PORTS.
Environment ProcessEnvironment(const Environment& own, const std::string& cell_ip,
                               const NetworkInfo& network);

}  // namespace diego::rep
