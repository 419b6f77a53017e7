// Term: one leadership, from taking office to its end: fence, load, serve, end. Everything the
// engine holds belongs to one term and goes with it; a new term loads anew.
//
//        Load ok            fenced / unsure too long / End()
//   new ─────────▶ serving ─────────────────────────────────▶ over
//    └──── Load fails for good ──────────────────────────────▶
//
// The loops are Steps, called by one thread each: by workers in production (RunningTerm), by the
// world in simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "services/bbs/engine/after_commit.h"
#include "services/bbs/engine/commit_store.h"
#include "services/bbs/engine/committed_view.h"
#include "services/bbs/engine/committer.h"
#include "services/bbs/engine/converger.h"
#include "services/bbs/engine/engine_metrics.h"
#include "services/bbs/engine/event_hub.h"
#include "services/bbs/engine/live_cells.h"
#include "services/bbs/engine/publisher.h"
#include "services/bbs/engine/sequencer.h"
#include "services/bbs/engine/settings.h"

namespace diego::bbs {

// What a term works with; all of it outlives the term.
struct TermPorts {
  const Clock* clock = nullptr;
  CommitStore* store = nullptr;
  AfterCommit* after_commit = nullptr;
  LiveCells* live_cells = nullptr;
  EngineMetrics* metrics = nullptr;
  log::Logger log = log::Logger::Discard();
};

class Term {
 public:
  // `epoch` is the lock's token; `seed` is what all ids of the term are drawn from.
  Term(EngineSettings settings, const TermPorts& ports, uint64_t epoch, uint64_t seed);
  // Ends the term if it is not over. No Step may be under way.
  ~Term();
  Term(const Term&) = delete;
  Term& operator=(const Term&) = delete;

  // Takes office and reads everything, once. Aborted: the epoch is spent. Other
  // errors: may be called again.
  absl::Status Load();

  // The loops, each its own thread; nothing before a successful Load. Each blocks up to `patience`
  // when there is nothing to do.
  void StepSequencer(absl::Duration patience);
  // Returns how long to pause before the next.
  absl::Duration StepCommitter(absl::Duration patience);
  void StepPublisher(absl::Duration patience);
  void StepHub(absl::Duration patience);
  void StepConverger(absl::Duration patience);

  // Any thread. See Sequencer::Submit.
  absl::Status Submit(Call call) { return sequencer_.Submit(std::move(call)); }
  CommittedView& view() { return view_; }
  EventHub& hub() { return hub_; }
  GroupEventHub& group_hub() { return group_hub_; }
  // Before Load too: the first step of the converger begins a pass.
  void ConvergeNow() { converger_.Poke(); }

  // Any thread: nothing further is admitted or read; calls that are not known to have committed are
  // answered Unavailable, at the latest by AnswerRest. The first reason counts.
  void End(const absl::Status& reason);
  // After the end, when no Step is under way any more: lets out what has committed, and answers
  // every other call.
  void AnswerRest();
  // Why the term is over; nothing while it is not.
  std::optional<absl::Status> over() const;
  // Waits up to `patience` for the end.
  bool WaitUntilOver(absl::Duration patience);

  // What a retirement goes by: see LiveCells::Seen::certain.
  std::shared_ptr<const std::set<CellId>> live_cells() const {
    return ports_.live_cells->Get().certain();
  }
  uint64_t epoch() const { return epoch_; }
  // True while the database's last confirmation is good: this master can do work.
  bool healthy() const { return view_.Readable().ok(); }
  size_t waiting_calls() const { return sequencer_.waiting(); }

 private:
  const EngineSettings settings_;
  const EngineSettings group_settings_;
  const TermPorts ports_;
  const log::Logger log_;
  const uint64_t epoch_;

  Confirmation confirmation_;
  OpenGroup open_group_;
  CommittedGroups committed_;
  CommittedView view_;
  EventHub hub_;
  GroupEventHub group_hub_;
  Sequencer sequencer_;
  Committer committer_;
  Publisher publisher_;
  Converger converger_;
  Guarded<std::optional<absl::Status>> over_;
};

// Runs a loaded term's loops on threads of their own until destroyed; ends the term then, and lets
// out what had committed.
class RunningTerm {
 public:
  explicit RunningTerm(std::shared_ptr<Term> term);
  ~RunningTerm();
  RunningTerm(const RunningTerm&) = delete;
  RunningTerm& operator=(const RunningTerm&) = delete;

 private:
  std::shared_ptr<Term> term_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace diego::bbs
