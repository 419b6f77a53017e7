#include "libs/wire/crash_restart_policy.h"

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/wire/json.h"

namespace diego::wire {

models::CrashRestartPolicy ToProto(const CrashRestartPolicy& policy) {
  models::CrashRestartPolicy proto;
  if (policy.number_of_immediate_restarts) {
    proto.set_number_of_immediate_restarts(*policy.number_of_immediate_restarts);
  }
  if (policy.max_seconds_between_restarts) {
    proto.set_max_seconds_between_restarts(*policy.max_seconds_between_restarts);
  }
  if (policy.max_restart_attempts) proto.set_max_restart_attempts(*policy.max_restart_attempts);
  return proto;
}

CrashRestartPolicy FromProto(const models::CrashRestartPolicy& proto) {
  CrashRestartPolicy policy;
  if (proto.has_number_of_immediate_restarts()) {
    policy.number_of_immediate_restarts = proto.number_of_immediate_restarts();
  }
  if (proto.has_max_seconds_between_restarts()) {
    policy.max_seconds_between_restarts = proto.max_seconds_between_restarts();
  }
  if (proto.has_max_restart_attempts()) policy.max_restart_attempts = proto.max_restart_attempts();
  return policy;
}

std::string CrashRestartPolicyToJson(const CrashRestartPolicy& policy) {
  return ToJson(ToProto(policy));
}

absl::StatusOr<CrashRestartPolicy> CrashRestartPolicyFromJson(absl::string_view text) {
  if (text.empty()) return CrashRestartPolicy();
  models::CrashRestartPolicy proto;
  if (const absl::Status read = FromJson(text, &proto); !read.ok()) {
    return DiegoError(
        ErrorType::kDeserialize,
        absl::StrCat("could not deserialize record: crash_restart_policy: ", read.message()));
  }
  return FromProto(proto);
}

}  // namespace diego::wire
