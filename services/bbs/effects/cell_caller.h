// CellCaller: asks cells to stop or update instances and to cancel tasks. A cell that is not known
// is skipped. A call that fails is logged; a stop is asked for anew at once, as often as the
// reference says, since nothing repeats one of an instance that is wanted. Convergence finds what
// else is left. Source: reference/behaviours.md section 1, Retire.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/effects/cell_directory.h"
#include "services/bbs/effects/effects_metrics.h"

namespace diego::bbs {

using CellCall = std::variant<StopInstance, UpdateInstance, CancelTaskOnCell>;

class CellCaller {
 public:
  struct Options {
    size_t queue_calls = 100000;
    int calls_at_once = 256;
    int stop_attempts = 5;
  };
  // Begins the call at `address` (CellAddressOf) and returns; `done` is called once, from any
  // thread.
  using BeginFunction =
      std::function<void(const std::string& address, const CellCall& call,
                         const std::string& trace_id, std::function<void(absl::Status)> done)>;

  // `directory` and `metrics` outlive it. It must outlive all calls that it began.
  CellCaller(const Options& options, const log::Logger& log, const CellDirectory& directory,
             BeginFunction begin, EffectsMetrics* metrics);

  // Any thread; never blocks.
  void Call(CellCall call, const std::string& trace_id);

  // One thread: begins what waits, as far as calls under way allow; waits up to `patience`.
  void Step(absl::Duration patience);

 private:
  struct Waiting {
    CellCall call;
    std::string trace_id;
    int attempts = 0;  // that failed
  };
  void Begin(const Waiting& waiting);
  void End(const CellId& cell_id, Waiting waiting, const absl::Status& status);

  const Options options_;
  const log::Logger log_;
  const CellDirectory& directory_;
  const BeginFunction begin_;
  EffectsMetrics* const metrics_;
  BoundedQueue<Waiting> queue_;
  Guarded<int> under_way_;
};

}  // namespace diego::bbs
