// StandInTokens: fencing tokens for a lease at a Locket that gives none, as the original's.
//
// A token is the microseconds since 1970 when the lease was taken, so that it is greater than those
// given before it, by any process and by a Locket that counts. Clocks that differ can make it too
// small: then the database that it guards refuses it and the caller asks for a greater one
// (LockKeeper::Resign). Not thread-safe.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace diego::leadership {

class StandInTokens {
 public:
  explicit StandInTokens(const Clock& clock) : clock_(clock) {}

  // The token of a lease that Locket, asked at `asked_at` (monotonic), has given or refreshed for
  // `ttl`: the one before as long as there was no gap and it is at least `least_token`.
  int64_t Granted(absl::Duration asked_at, absl::Duration ttl, int64_t least_token);
  // The lease is not held any more.
  void Lost() { token_ = 0; }

 private:
  const Clock& clock_;
  int64_t token_ = 0;  // 0: none
  int64_t greatest_ = 0;
  absl::Duration held_until_;
};

}  // namespace diego::leadership
