// Evacuation: sees a cell that evacuates to its end. The moving itself is the reconcile loop's.
// Source: reference/behaviours.md section 9 "evacuation end"; reference/design-notes.md section 6.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "services/rep/containers/executor.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/records.h"
#include "services/rep/engine/rep_metrics.h"

namespace diego::rep {

struct EvacuationOptions {
  absl::Duration check_interval = absl::Seconds(1);
  absl::Duration timeout = absl::Seconds(600);  // since the evacuation began
};

// One thread.
class Evacuation {
 public:
  // `ended(complete)` is called once: with true when no container is left, with false when the
  // timeout cut some off. Both mean that the process is to end.
  Evacuation(const EvacuationOptions& options, CellId cell_id, Cell& cell, Executor& executor,
             Records& records, const Clock& clock, RepMetrics& metrics, const log::Logger& log,
             std::function<void(bool complete)> ended);

  // Looks whether it is over; returns how long to wait.
  absl::Duration Step();

 private:
  void TimeOut(const std::vector<Container>& left);
  void CutOffLrp(const ActualLrp& row);
  void End(bool complete);

  const EvacuationOptions options_;
  const CellId cell_id_;
  Cell& cell_;
  Executor& executor_;
  Records& records_;
  const Clock& clock_;
  RepMetrics& metrics_;
  const log::Logger log_;
  const std::function<void(bool)> ended_;
  std::optional<absl::Duration> deadline_;  // Clock::Monotonic(); set while it evacuates
  size_t told_left_ = 0;                    // containers, as last logged
  bool over_ = false;
};

}  // namespace diego::rep
