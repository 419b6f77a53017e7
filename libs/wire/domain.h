// Domains <-> the messages of proto/models/domain.proto.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "libs/models/crash_restart_policy.h"
#include "libs/models/ids.h"
#include "proto/models/domain.pb.h"

namespace diego::wire {

// Adds a domain to the list: its name while it is fresh, its default if it has one.
void AddDomain(const Domain& domain, bool fresh, const CrashRestartPolicy& policy,
               models::DomainsResponse* proto);
// The fresh domains, and the defaults of those that have some.
std::vector<Domain> FromProto(const models::DomainsResponse& proto);
std::map<Domain, CrashRestartPolicy> CrashRestartPoliciesOf(const models::DomainsResponse& proto);

// How long the domain stays fresh: infinite for 0, "never expires".
absl::Duration TtlOf(const models::UpsertDomainRequest& proto);
// The reverse, whole seconds: an infinite `ttl` becomes 0, a shorter one at least 1, so that
// "soon" never turns into "never"; more than 2^32-1 seconds becomes 2^32-1.
models::UpsertDomainRequest UpsertDomainProto(
    const Domain& domain, absl::Duration ttl,
    const std::optional<CrashRestartPolicy>& crash_restart_policy = {});
// What it says of the domain's default; nothing = leave it.
std::optional<CrashRestartPolicy> CrashRestartPolicyOf(const models::UpsertDomainRequest& proto);

}  // namespace diego::wire
