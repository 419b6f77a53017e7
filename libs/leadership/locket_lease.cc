#include "libs/leadership/locket_lease.h"

#include <utility>

#include "libs/base/clock.h"

namespace diego::leadership {

LocketLease::LocketLease(clients::LocketClient& client, clients::LeaseType type, std::string key,
                         std::string owner)
    : client_(client),
      type_(type),
      key_(std::move(key)),
      owner_(std::move(owner)),
      stand_ins_(std::in_place, RealClock()) {}

absl::StatusOr<int64_t> LocketLease::Acquire(const std::string& value, absl::Duration ttl,
                                             int64_t least_token) {
  clients::Lease lease;
  lease.key = key_;
  lease.owner = owner_;
  lease.value = value;
  lease.type = type_;
  const absl::Duration asked_at = RealClock().Monotonic();
  const absl::StatusOr<int64_t> token = client_.Lock(lease, ttl, least_token);
  return stand_ins_.With([&](StandInTokens& stand_ins) -> absl::StatusOr<int64_t> {
    if (token.ok() && *token == 0) return stand_ins.Granted(asked_at, ttl, least_token);
    if (token.ok() || absl::IsAlreadyExists(token.status())) stand_ins.Lost();
    return token;
  });
}

absl::Status LocketLease::Release() {
  const absl::Status status = client_.Release(key_, owner_);
  if (status.ok()) stand_ins_.With([](StandInTokens& stand_ins) { stand_ins.Lost(); });
  // Another owner has it: then it is not ours to give up.
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

}  // namespace diego::leadership
