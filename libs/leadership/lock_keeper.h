// LockKeeper: seeks a lock at Locket, keeps it, and says in whose term we are.
// Source: reference/locket-grpc-api.md "Client runners", with this difference: that Locket cannot
// be reached does not end a term. Who holds the lock decides by a confirmation of its own (the
// BBS: its database), or by Term.deadline.
//
//             acquired                     taken by another, or Resign
//   seeking ------------> held ------------------------------------------> seeking
//                         |  ^
//        Locket is away   v  |  renewed with the same token
//                        held, deadline not extended
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/leadership/lease_port.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"

namespace diego::leadership {

struct Term {
  int64_t token = 0;        // Locket's fencing token; grows from term to term
  absl::Duration deadline;  // Clock::Monotonic() until which Locket has surely kept the lock for us

  friend bool operator==(const Term&, const Term&) = default;
};

// How often a lock is sought that another holds: one who gives it up is followed within a second,
// whatever the configuration says. Source: reference/design-notes.md section 1.
inline constexpr absl::Duration kStandbyBeat = absl::Milliseconds(300);

struct LockOptions {
  absl::Duration ttl = absl::Seconds(15);
  // Between renewals (see RenewalPause), and between attempts while that is shorter than
  // kStandbyBeat.
  absl::Duration retry_interval = absl::Seconds(5);
};

// Step, Release: one thread, usually a Worker's. The rest: any thread.
class LockKeeper {
 public:
  // `able` says whether we can do the work that the lock stands for; while it is false the lock is
  // neither sought nor renewed, so that one who can may take it. `changed` (may be null) is told
  // from within Step of every term that begins and, with nothing, of its end. `lease` and `clock`
  // must outlive the keeper.
  LockKeeper(const LockOptions& options, LeasePort& lease, const Clock& clock,
             const log::Logger& logger, std::function<bool()> able,
             std::function<void(std::optional<Term>)> changed);

  // One attempt to take or renew the lock; returns the time until the next.
  absl::Duration Step();

  // The term we are in, if any. A changed token is another term.
  std::optional<Term> current() const;
  // Why the last attempt failed; OK when it did not.
  absl::Status last_error() const;

  // Ends the term now, without waiting for Locket; the next Step gives the lock up and seeks
  // anew, with a greater token: greater than `passed_token` too, which the database that the lock
  // guards may know of while Locket has lost its own. For a master whose work failed.
  void Resign(int64_t passed_token = 0);
  // Gives the lock up, once, waiting for the answer. For shutting down, after the last Step.
  void Release();

 private:
  struct State {
    std::optional<Term> term;
    bool resigning = false;
    int64_t least_token = 0;  // a smaller one is from a Locket that lost its database
    absl::Status last_error;
  };
  void Acquired(int64_t token, absl::Duration deadline);
  void Refused(const absl::Status& status);
  void Tell(std::optional<Term> term);

  const LockOptions options_;
  LeasePort& lease_;
  const Clock& clock_;
  const log::Logger logger_;
  const std::function<bool()> able_;
  const std::function<void(std::optional<Term>)> changed_;
  Guarded<State> state_;
  std::optional<int64_t> told_;  // the token last told to `changed_`
  bool complained_ = false;      // the present trouble is logged
  bool started_ = false;
};

}  // namespace diego::leadership
