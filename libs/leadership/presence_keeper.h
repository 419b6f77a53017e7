// PresenceKeeper: keeps a cell's presence at Locket, for ever and in spite of everything.
// Source: reference/locket-grpc-api.md "Client runners", presence runner.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/leadership/lease_port.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"

namespace diego::leadership {

struct PresenceOptions {
  absl::Duration ttl = absl::Seconds(15);
  absl::Duration retry_interval = absl::Seconds(5);
};

// Step, Release: one thread, usually a Worker's. The rest: any thread.
class PresenceKeeper {
 public:
  // `value` is asked before every attempt for what the cell has to say (CellPresence as JSON, at
  // most 4096 characters). `lease` and `clock` must outlive the keeper.
  PresenceKeeper(const PresenceOptions& options, LeasePort& lease, const Clock& clock,
                 const log::Logger& logger, std::function<std::string()> value);

  // One attempt to register or renew; returns the time until the next.
  absl::Duration Step();

  // True while Locket surely keeps the presence: from an answer until its ttl has passed.
  bool registered() const;
  // True when the last answer was that another owner holds our cell id: two cells with one id.
  bool collided() const;

  // True from the first answer that the presence is ours until one that another owner holds our
  // cell id: what is recorded of that id is ours to change. An outage of Locket says nothing.
  bool owns_id() const;

  // Takes the presence away, waiting for the answer. For shutting down, after the last Step.
  void Release();

 private:
  struct State {
    std::optional<absl::Duration> kept_until;  // Clock::Monotonic()
    bool collided = false;
    bool owns_id = false;
  };
  enum class Logged { kNothing, kRegistered, kCollision, kFailure };

  const PresenceOptions options_;
  LeasePort& lease_;
  const Clock& clock_;
  const log::Logger logger_;
  const std::function<std::string()> value_;
  Guarded<State> state_;
  Logged logged_ = Logged::kNothing;  // repeated news is logged once
};

}  // namespace diego::leadership
