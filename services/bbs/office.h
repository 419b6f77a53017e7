// Office: turns the lock into terms. While the lock is ours: prepare the database, load, serve;
// when the lock goes to another or the term ends by itself: stop serving, give the lock up, stand
// by.
//
//              lock won                    loaded
//   standby ─────────────▶ taking office ──────────▶ active
//      ▲                        │ failed                │ lock lost, term over
//      └──── lock given up ─────┴───────────────────────┘
//
// That Locket cannot be reached ends nothing: the database's word counts (docs/architecture.md,
// decision 3).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/bbs/engine/active_term.h"
#include "services/bbs/engine/term.h"
#include "services/bbs/metrics.h"

namespace diego::bbs {

class Office {
 public:
  struct Options {
    EngineSettings settings;
    TermPorts ports;
    // Takes office in the database and readies it. FailedPrecondition: this program can never serve
    // that database. Aborted: a newer master holds office.
    std::function<absl::Status(uint64_t epoch)> prepare;
    // Told when the lock is ours and office is about to be taken, and when all is given up again.
    std::function<void(bool)> holding = [](bool) {};
    // Told whenever this BBS begins or ends to serve, on the thread of Step.
    std::function<void(bool)> serving;
    // The former: the process is to end.
    std::function<void(const absl::Status&)> unfit;
  };

  // All outlive it.
  Office(Options options, leadership::LockKeeper* keeper, ActiveTerm* active, BbsMetrics* metrics);
  // Ends the term, if any.
  ~Office();

  // One thread. Returns the time until the next.
  absl::Duration Step();

  // Any thread: whether this BBS can do the work that the lock stands for. See LockKeeper.
  bool able() const;

 private:
  void TakeOffice(uint64_t epoch);
  void Leave(const absl::Status& reason);

  const Options options_;
  const log::Logger log_;
  leadership::LockKeeper* const keeper_;
  ActiveTerm* const active_;
  BbsMetrics* const metrics_;
  std::shared_ptr<Term> term_;
  std::unique_ptr<RunningTerm> running_;
};

}  // namespace diego::bbs
