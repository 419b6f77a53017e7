// Converger: on a beat, and when cells vanish, runs one convergence pass as a chain of commands
// like any other, each a slice that is as long as the last ones taught. Two passes never run at
// once; one more may wait.
// Source: reference/behaviours.md section 6.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/bbs/engine/call.h"
#include "services/bbs/engine/engine_metrics.h"
#include "services/bbs/engine/live_cells.h"
#include "services/bbs/engine/settings.h"

namespace diego::bbs {

class Converger {
 public:
  using SubmitFunction = std::function<absl::Status(Call)>;
  // What is referred to outlives it, and the calls it submits.
  Converger(const EngineSettings& settings, const Clock& clock, const log::Logger& log,
            const LiveCells& live_cells, SubmitFunction submit, EngineMetrics* metrics);

  // Before the first Step: the first pass begins one interval from now.
  void Start();

  // Any thread: begin a pass at once, or again when the present one is over.
  void Poke();

  // Converger thread: submits the next slice when it is due. Blocks up to `patience` otherwise.
  void Step(absl::Duration patience);

 private:
  struct Data {
    bool poked = false;
    std::optional<Reply> answer;
  };
  void BeginPass();
  void SubmitSlice();
  void TakeAnswer(const Reply& answer);
  void EndPass();

  const EngineSettings& settings_;
  const Clock& clock_;
  const log::Logger log_;
  const LiveCells& live_cells_;
  const SubmitFunction submit_;
  EngineMetrics* const metrics_;
  Guarded<Data> data_;

  // Of the converger thread alone.
  absl::Duration next_pass_at_;
  absl::Duration pass_began_at_;
  bool in_pass_ = false;
  ConvergeCursor cursor_;
  int slice_rows_;
};

// How many rows the next slice may look at, when one of `rows` took so long: halved when that was
// too long, doubled when it was far from it.
int NextSliceRows(int rows, absl::Duration took, const EngineSettings& settings);

}  // namespace diego::bbs
