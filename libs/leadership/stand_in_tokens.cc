#include "libs/leadership/stand_in_tokens.h"

#include <algorithm>

namespace diego::leadership {

int64_t StandInTokens::Granted(absl::Duration asked_at, absl::Duration ttl, int64_t least_token) {
  if (token_ == 0 || asked_at > held_until_ || token_ < least_token) {
    token_ = std::max({absl::ToUnixMicros(clock_.Now()), greatest_ + 1, least_token});
    greatest_ = token_;
  }
  held_until_ = asked_at + ttl;
  return token_;
}

}  // namespace diego::leadership
