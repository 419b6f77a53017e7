// AuctionLoop: requests gather while a round runs; a round asks the cells, decides, hands the work
// over and reports what could not be placed. Source: reference/behaviours.md section 8.
//
// What a cell hands back is auctioned again in the next round, for it had less room than it said;
// after kMaxAttempts cells it counts as failed. (The original reports such work with an empty
// error, which its BBS refuses.) A call to a cell that fails is only logged: the work may have
// arrived, and convergence finds what did not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/auctioneer/core/batch.h"
#include "services/auctioneer/core/schedule.h"
#include "services/auctioneer/engine/metrics.h"
#include "services/auctioneer/engine/ports.h"

namespace diego::auctioneer {

inline constexpr int kMaxAttempts = 3;
// Times the cells are asked before work is given up because none of them answers.
inline constexpr int kMaxGathers = 4;

class AuctionLoop {
 public:
  struct Options {
    ScheduleSettings settings;
    size_t capacity = 1000000;  // LRP instances and tasks that may wait
    // How long a step waits for work.
    absl::Duration patience = absl::Milliseconds(100);
    // After the BBS could not tell its cells.
    absl::Duration retry_pause = absl::Seconds(1);
  };
  // What became of requests: how many wait now, and why the others never will.
  struct Admission {
    int accepted = 0;
    std::vector<std::string> dropped;
  };

  // `active`: whether we hold the lock, surely; asked from any thread. All references must outlive
  // the loop.
  AuctionLoop(const Options& options, CellGateway& gateway, FailureReporter& reporter,
              std::function<bool()> active, const Clock& clock, AuctioneerMetrics& metrics,
              log::Logger log);

  // Any thread; returns at once. Unavailable while not active; ResourceExhausted when more waits
  // than may wait (what was taken before that stays: repeating the call is harmless).
  absl::StatusOr<Admission> RequestLrps(const std::vector<LrpStartRequest>& requests);
  absl::StatusOr<Admission> RequestTasks(const std::vector<TaskStartRequest>& requests);

  // One round, or one try at it. Returns how long to wait before the next step. One thread.
  absl::Duration Step();

 private:
  template <typename Request>
  absl::StatusOr<Admission> Take(const std::vector<Request>& requests, absl::string_view kind);
  // The states of cells that answered for themselves and take work, and how many others there are.
  struct Gathered {
    std::vector<CellState> states;
    Unasked unasked;
  };
  Gathered Gather(const std::vector<CellPresence>& cells);
  void RunRound(const std::vector<CellPresence>& cells, Gathered gathered);
  // `refusal`: for work that was handed back too often.
  void Deliver(const std::vector<CellPresence>& cells, const Refusal& refusal, Schedule& schedule);
  // Puts back what `rejected` names of `work`, or counts it as failed.
  size_t TakeBack(const CellWork& work, const Work& rejected, const Refusal& refusal,
                  Schedule& schedule);
  void LogPlacements(const Schedule& schedule) const;
  void LogFailures(const Schedule& schedule) const;

  const Options options_;
  CellGateway& gateway_;
  FailureReporter& reporter_;
  const std::function<bool()> active_;
  const Clock& clock_;
  AuctioneerMetrics& metrics_;
  const log::Logger log_;
  Guarded<PendingBatch> pending_;
  int gathers_ = 0;  // of this round, without any answer
};

}  // namespace diego::auctioneer
