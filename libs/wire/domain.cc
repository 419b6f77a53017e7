#include "libs/wire/domain.h"

#include <algorithm>
#include <limits>

#include "libs/wire/crash_restart_policy.h"

namespace diego::wire {

void AddDomain(const Domain& domain, bool fresh, const CrashRestartPolicy& policy,
               models::DomainsResponse* proto) {
  if (fresh) proto->add_domains(domain.value());
  if (policy.empty()) return;
  (*proto->mutable_crash_restart_policies())[domain.value()] = ToProto(policy);
}

std::vector<Domain> FromProto(const models::DomainsResponse& proto) {
  std::vector<Domain> domains;
  for (const std::string& domain : proto.domains()) domains.emplace_back(domain);
  return domains;
}

std::map<Domain, CrashRestartPolicy> CrashRestartPoliciesOf(const models::DomainsResponse& proto) {
  std::map<Domain, CrashRestartPolicy> policies;
  for (const auto& [domain, policy] : proto.crash_restart_policies()) {
    policies.emplace(Domain(domain), FromProto(policy));
  }
  return policies;
}

absl::Duration TtlOf(const models::UpsertDomainRequest& proto) {
  return proto.ttl() == 0 ? absl::InfiniteDuration() : absl::Seconds(proto.ttl());
}

models::UpsertDomainRequest UpsertDomainProto(
    const Domain& domain, absl::Duration ttl,
    const std::optional<CrashRestartPolicy>& crash_restart_policy) {
  models::UpsertDomainRequest proto;
  proto.set_domain(domain.value());
  if (ttl != absl::InfiniteDuration()) {
    proto.set_ttl(static_cast<uint32_t>(
        std::clamp<int64_t>(absl::ToInt64Seconds(ttl), 1, std::numeric_limits<uint32_t>::max())));
  }
  if (crash_restart_policy) {
    *proto.mutable_crash_restart_policy() = ToProto(*crash_restart_policy);
  }
  return proto;
}

std::optional<CrashRestartPolicy> CrashRestartPolicyOf(const models::UpsertDomainRequest& proto) {
  if (!proto.has_crash_restart_policy()) return std::nullopt;
  return FromProto(proto.crash_restart_policy());
}

}  // namespace diego::wire
