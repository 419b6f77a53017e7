// LeasePort: what keeping a lease at Locket takes. Owned by leadership; locket_lease.h is the real
// one, fake_lease.h the one for tests.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace diego::leadership {

// One lease: its key, type and owner are fixed when the port is made. Blocking.
class LeasePort {
 public:
  virtual ~LeasePort() = default;
  // Takes or refreshes the lease for `ttl` (whole seconds) and returns its fencing token: the same
  // while it is held without a gap, greater after one, and never less than `least_token`, also of a
  // Locket that lost its database. AlreadyExists: another owner holds it. Any other error: nobody
  // knows.
  virtual absl::StatusOr<int64_t> Acquire(const std::string& value, absl::Duration ttl,
                                          int64_t least_token) = 0;
  // Gives the lease up; OK also when it was not ours to begin with.
  virtual absl::Status Release() = 0;
};

// Between renewals of a lease, wished to be `interval`: not so long that the lease ends meanwhile.
inline absl::Duration RenewalPause(absl::Duration ttl, absl::Duration interval) {
  return interval < ttl ? interval : ttl / 3;
}

}  // namespace diego::leadership
