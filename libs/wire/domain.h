// Domains <-> the messages of proto/models/domain.proto.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "proto/models/domain.pb.h"

namespace diego::wire {

models::DomainsResponse ToProto(const std::vector<Domain>& domains);
std::vector<Domain> FromProto(const models::DomainsResponse& proto);

// How long the domain stays fresh: infinite for 0, "never expires".
absl::Duration TtlOf(const models::UpsertDomainRequest& proto);
// The reverse, whole seconds: an infinite `ttl` becomes 0, a shorter one at least 1, so that
// "soon" never turns into "never"; more than 2^32-1 seconds becomes 2^32-1.
models::UpsertDomainRequest UpsertDomainProto(const Domain& domain, absl::Duration ttl);

}  // namespace diego::wire
