#include "libs/leadership/presence_keeper.h"

#include <utility>

namespace diego::leadership {

PresenceKeeper::PresenceKeeper(const PresenceOptions& options, LeasePort& lease, const Clock& clock,
                               const log::Logger& logger, std::function<std::string()> value)
    : options_{options.ttl, RenewalPause(options.ttl, options.retry_interval)},
      lease_(lease),
      clock_(clock),
      logger_(logger.Session("locket-presence")),
      value_(std::move(value)) {}

absl::Duration PresenceKeeper::Step() {
  const absl::Duration asked_at = clock_.Monotonic();
  const absl::StatusOr<int64_t> token = lease_.Acquire(value_(), options_.ttl, 0);
  const bool collided = absl::IsAlreadyExists(token.status());
  state_.With([&](State& state) {
    if (token.ok()) state.kept_until = asked_at + options_.ttl;
    if (collided) state.kept_until.reset();
    // Silence says nothing about who holds the id.
    if (token.ok() || collided) {
      state.collided = collided;
      state.owns_id = !collided;
    }
  });
  const Logged news = token.ok() ? Logged::kRegistered
                      : collided ? Logged::kCollision
                                 : Logged::kFailure;
  if (std::exchange(logged_, news) == news) return options_.retry_interval;
  if (token.ok()) {
    logger_.Info("acquired-presence", {{"fencing_token", *token}});
  } else if (collided) {
    logger_.Error("presence-collision", token.status(),
                  {{"remedy", "another cell runs with this cell_id; give each cell its own"}});
  } else {
    logger_.Error("failed-to-set-presence", token.status());
  }
  return options_.retry_interval;
}

bool PresenceKeeper::registered() const {
  const absl::Duration now = clock_.Monotonic();
  return state_.With(
      [now](const State& state) { return state.kept_until && now < *state.kept_until; });
}

bool PresenceKeeper::collided() const {
  return state_.With([](const State& state) { return state.collided; });
}

bool PresenceKeeper::owns_id() const {
  return state_.With([](const State& state) { return state.owns_id; });
}

void PresenceKeeper::Release() {
  const bool known = state_.With(
      [](State& state) { return std::exchange(state.kept_until, std::nullopt).has_value(); });
  if (!known) return;
  logged_ = Logged::kNothing;
  if (const absl::Status released = lease_.Release(); released.ok()) {
    logger_.Info("released-presence");
  } else {
    logger_.Error("failed-to-release-presence", released);
  }
}

}  // namespace diego::leadership
