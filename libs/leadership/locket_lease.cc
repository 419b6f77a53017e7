#include "libs/leadership/locket_lease.h"

#include <utility>

namespace diego::leadership {

LocketLease::LocketLease(clients::LocketClient& client, clients::LeaseType type, std::string key,
                         std::string owner)
    : client_(client), type_(type), key_(std::move(key)), owner_(std::move(owner)) {}

absl::StatusOr<int64_t> LocketLease::Acquire(const std::string& value, absl::Duration ttl,
                                             int64_t least_token) {
  clients::Lease lease;
  lease.key = key_;
  lease.owner = owner_;
  lease.value = value;
  lease.type = type_;
  return client_.Lock(lease, ttl, least_token);
}

absl::Status LocketLease::Release() {
  const absl::Status status = client_.Release(key_, owner_);
  // Another owner has it: then it is not ours to give up.
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

}  // namespace diego::leadership
