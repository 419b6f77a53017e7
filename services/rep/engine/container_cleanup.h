// ContainerCleanup: has what runs on a cell that leaves end in order, and waits for that, but not
// for ever. Whatever is left then is the caller's to destroy.
// Source: reference/behaviours.md section 9 "cleanup on exit".
#pragma once

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/exit_wait.h"
#include "services/rep/engine/reconcile_loop.h"

namespace diego::rep {

struct CleanupOptions {
  absl::Duration timeout;          // for everything, from the construction on
  absl::Duration report_patience;  // once nothing runs; see ExitWait
};

// One thread.
class ContainerCleanup {
 public:
  // Tells every container to stop. The reconcilers, which go on, remove the records of what has
  // stopped, and then the containers.
  ContainerCleanup(const CleanupOptions& options, Executor& executor,
                   const ReconcileLoop& reconcile, const Clock& clock, const log::Logger& log);

  // Whether the wait is over; when it has run out, says what is left. No more Steps then.
  bool Step();

 private:
  Executor& executor_;
  const ReconcileLoop& reconcile_;
  const Clock& clock_;
  const log::Logger log_;
  ExitWait wait_;
};

}  // namespace diego::rep
