// Cell: what the calls of diego.Cell do. Thread-safe; no method waits for a container.
// Source: reference/rep-auctioneer-http-api.md.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/log/log.h"
#include "libs/models/cell_state.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/cell_facts.h"
#include "services/rep/core/cpu_use.h"
#include "services/rep/engine/cell_notes.h"
#include "services/rep/engine/reconcile_loop.h"
#include "services/rep/engine/rep_metrics.h"

namespace diego::rep {

// What one container uses.
struct ContainerUsage {
  CellContainer container;
  ContainerMetrics metrics;
  std::string metric_guid;  // what it is filed under: the container's guid until more is known
  double cpu_fraction = 0;  // CPUs in use since it was last asked for; see CpuUse
};

class Cell {
 public:
  // `seed` is where instance guids are drawn from.
  Cell(const CellFacts& facts, Executor& executor, CellNotes& notes, ReconcileLoop& reconcile,
       uint64_t seed, RepMetrics& metrics, const log::Logger& log);

  const CellFacts& facts() const { return facts_; }
  CellState State() const;
  // Takes what it can and returns the rest. InvalidArgument when the work is for another cell.
  absl::StatusOr<Work> Perform(const Work& work);
  // Records that the instance is to stop. NotFound.
  absl::Status StopLrp(const InstanceGuid& instance_guid);
  // NotFound.
  absl::Status UpdateLrp(const LrpInstanceUpdate& update);
  // OK also when there is no such task.
  absl::Status CancelTask(const TaskGuid& task_guid);
  // Of the containers that have begun to run.
  std::vector<ContainerUsage> Usage();

  // From now on all work is handed back, and the state says that the cell is evacuating.
  void TurnAway() { turned_away_ = true; }
  // Asks every container to end and go away; true when none is left.
  bool DeleteAll();

  // Turns work away and begins to move what is here to other cells; again: nothing more. See
  // Evacuation for how it ends.
  void BeginEvacuation();
  bool evacuating() const { return reconcile_.evacuating(); }

 private:
  const CellFacts facts_;
  Executor& executor_;
  CellNotes& notes_;
  ReconcileLoop& reconcile_;
  RepMetrics& metrics_;
  const log::Logger log_;
  std::atomic<bool> turned_away_{false};
  // One batch of work at a time: what it is measured against must not change meanwhile.
  Guarded<Random> admission_;
  Guarded<CpuUse> cpu_use_;
};

}  // namespace diego::rep
