// LocketLease: the real LeasePort, one lease at Locket.
#pragma once

#include <string>

#include "libs/clients/locket_client.h"
#include "libs/leadership/lease_port.h"

namespace diego::leadership {

// Thread-safe. `client` must outlive it.
class LocketLease final : public LeasePort {
 public:
  LocketLease(clients::LocketClient& client, clients::LeaseType type, std::string key,
              std::string owner);
  absl::StatusOr<int64_t> Acquire(const std::string& value, absl::Duration ttl,
                                  int64_t least_token) override;
  absl::Status Release() override;

 private:
  clients::LocketClient& client_;
  const clients::LeaseType type_;
  const std::string key_;
  const std::string owner_;
};

}  // namespace diego::leadership
