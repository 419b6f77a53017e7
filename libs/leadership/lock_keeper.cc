#include "libs/leadership/lock_keeper.h"

#include <algorithm>
#include <utility>

namespace diego::leadership {

LockKeeper::LockKeeper(const LockOptions& options, LeasePort& lease, const Clock& clock,
                       const log::Logger& logger, std::function<bool()> able,
                       std::function<void(std::optional<Term>)> changed)
    : options_{options.ttl, RenewalPause(options.ttl, options.retry_interval)},
      lease_(lease),
      clock_(clock),
      logger_(logger.Session("locket-lock")),
      able_(std::move(able)),
      changed_(std::move(changed)) {}

absl::Duration LockKeeper::Step() {
  if (!std::exchange(started_, true)) logger_.Info("started");
  if (state_.With([](State& state) { return std::exchange(state.resigning, false); })) {
    Tell(std::nullopt);
    const absl::Status released = lease_.Release();
    if (!released.ok()) {
      // Not given up yet: a lock taken now would be the old one, with its old token.
      state_.With([&](State& state) {
        state.resigning = true;
        state.last_error = released;
      });
      logger_.Error("failed-to-release-lock", released);
      return options_.retry_interval;
    }
    logger_.Info("released-lock");
  }
  if (!able_()) {
    if (!std::exchange(complained_, true)) logger_.Info("not-able-to-hold-lock");
    return options_.retry_interval;
  }
  // Locket counts the ttl from when it hears us, which is not before now.
  const absl::Duration asked_at = clock_.Monotonic();
  const int64_t least = state_.With([](State& state) { return state.least_token; });
  const absl::StatusOr<int64_t> token = lease_.Acquire("", options_.ttl, least);
  if (token.ok()) {
    Acquired(*token, asked_at + options_.ttl);
  } else {
    Refused(token.status());
  }
  return current() ? options_.retry_interval : std::min(options_.retry_interval, kStandbyBeat);
}

void LockKeeper::Acquired(int64_t token, absl::Duration deadline) {
  complained_ = false;
  // A term that was resigned meanwhile must not come back to life.
  const bool resigned = state_.With([&](State& state) {
    state.last_error = absl::OkStatus();
    state.least_token = std::max(state.least_token, token);
    if (state.resigning) return true;
    state.term = Term{token, deadline};
    return false;
  });
  if (resigned || told_ == token) return;
  if (told_) {
    logger_.Info("lost-lock",
                 {{"reason", "it lapsed and was taken again"}, {"fencing_token", *told_}});
    Tell(std::nullopt);
  }
  logger_.Info("acquired-lock", {{"fencing_token", token}});
  Tell(Term{token, deadline});
}

void LockKeeper::Refused(const absl::Status& status) {
  const bool collision = absl::IsAlreadyExists(status);
  const bool lost = state_.With([&](State& state) {
    state.last_error = status;
    if (!collision || !state.term) return false;
    state.term.reset();
    return true;
  });
  if (lost) logger_.Error("lost-lock", status);
  if (collision) Tell(std::nullopt);
  if (lost || std::exchange(complained_, true)) return;
  if (collision) {
    logger_.Info("failed-to-acquire-lock", {{"error", status}});
  } else {
    logger_.Error(told_ ? "failed-to-renew-lock" : "failed-to-acquire-lock", status);
  }
}

void LockKeeper::Tell(std::optional<Term> term) {
  const std::optional<int64_t> token =
      term ? std::optional<int64_t>(term->token) : std::optional<int64_t>();
  if (token == told_) return;
  told_ = token;
  if (changed_) changed_(term);
}

std::optional<Term> LockKeeper::current() const {
  return state_.With([](const State& state) { return state.term; });
}

absl::Status LockKeeper::last_error() const {
  return state_.With([](const State& state) { return state.last_error; });
}

void LockKeeper::Resign(int64_t passed_token) {
  state_.With([passed_token](State& state) {
    if (!state.term) return;
    state.least_token = std::max(state.term->token, passed_token) + 1;
    state.term.reset();
    state.resigning = true;
  });
}

void LockKeeper::Release() {
  const bool held = state_.With([](State& state) {
    const bool was_held = state.term.has_value() || state.resigning;
    state.term.reset();
    state.resigning = false;
    return was_held;
  });
  Tell(std::nullopt);
  if (!held) return;
  if (const absl::Status released = lease_.Release(); released.ok()) {
    logger_.Info("released-lock");
  } else {
    logger_.Error("failed-to-release-lock", released);
  }
}

}  // namespace diego::leadership
