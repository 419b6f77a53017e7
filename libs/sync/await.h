// Await<Result>(start): waits for what a callback brings.
#pragma once

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "libs/sync/guarded.h"

namespace diego {

// `start(done)` begins something that calls `done(result)` exactly once, from any thread. It must
// have a deadline of its own, for the wait has none.
template <typename Result, typename Start>
Result Await(Start start) {
  Guarded<std::optional<Result>> answer;
  start([&answer](Result result) {
    answer.With([&](std::optional<Result>& slot) { slot.emplace(std::move(result)); });
  });
  return answer.When([](const std::optional<Result>& slot) { return slot.has_value(); },
                     absl::InfiniteDuration(),
                     [](std::optional<Result>& slot, bool) { return *std::move(slot); });
}

}  // namespace diego
