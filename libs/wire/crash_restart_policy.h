// CrashRestartPolicy <-> its message, and the text of its database column. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/models/crash_restart_policy.h"
#include "proto/models/crash_restart_policy.pb.h"

namespace diego::wire {

models::CrashRestartPolicy ToProto(const CrashRestartPolicy& policy);
CrashRestartPolicy FromProto(const models::CrashRestartPolicy& proto);

// A JSON object of the members that are set.
std::string CrashRestartPolicyToJson(const CrashRestartPolicy& policy);
// "" is an empty policy. Deserialize when it cannot be read.
absl::StatusOr<CrashRestartPolicy> CrashRestartPolicyFromJson(absl::string_view text);

}  // namespace diego::wire
