#include "libs/wire/domain.h"

#include <algorithm>
#include <limits>

namespace diego::wire {

models::DomainsResponse ToProto(const std::vector<Domain>& domains) {
  models::DomainsResponse proto;
  for (const Domain& domain : domains) proto.add_domains(domain.value());
  return proto;
}

std::vector<Domain> FromProto(const models::DomainsResponse& proto) {
  std::vector<Domain> domains;
  for (const std::string& domain : proto.domains()) domains.emplace_back(domain);
  return domains;
}

absl::Duration TtlOf(const models::UpsertDomainRequest& proto) {
  return proto.ttl() == 0 ? absl::InfiniteDuration() : absl::Seconds(proto.ttl());
}

models::UpsertDomainRequest UpsertDomainProto(const Domain& domain, absl::Duration ttl) {
  models::UpsertDomainRequest proto;
  proto.set_domain(domain.value());
  if (ttl != absl::InfiniteDuration()) {
    proto.set_ttl(static_cast<uint32_t>(
        std::clamp<int64_t>(absl::ToInt64Seconds(ttl), 1, std::numeric_limits<uint32_t>::max())));
  }
  return proto;
}

}  // namespace diego::wire
