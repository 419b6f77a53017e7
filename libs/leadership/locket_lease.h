// LocketLease: the real LeasePort, one lease at Locket. At the original's Locket, which gives no
// fencing tokens, it has its own (stand_in_tokens.h).
#pragma once

#include <string>

#include "libs/clients/locket_client.h"
#include "libs/leadership/lease_port.h"
#include "libs/leadership/stand_in_tokens.h"
#include "libs/sync/guarded.h"

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
  Guarded<StandInTokens> stand_ins_;
};

}  // namespace diego::leadership
