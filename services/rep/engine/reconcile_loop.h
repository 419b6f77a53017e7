// ReconcileLoop: brings containers and records together. Every container event, and every
// difference that the bulk pass finds, puts one item into a queue; any number of threads take items
// out, read the record anew, decide by the table and act. A step that fails is logged and left to
// a later pass. Source: reference/behaviours.md section 9.
#pragma once

#include <atomic>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/cell_facts.h"
#include "services/rep/engine/cell_notes.h"
#include "services/rep/engine/lrp_steps.h"
#include "services/rep/engine/records.h"
#include "services/rep/engine/rep_metrics.h"
#include "services/rep/engine/task_steps.h"
#include "services/rep/engine/work_queue.h"

namespace diego::rep {

struct ReconcileOptions {
  absl::Duration polling_interval = absl::Seconds(30);
  absl::Duration evacuation_polling_interval = absl::Seconds(10);  // while it evacuates
  absl::Duration bulk_retry_pause = absl::Seconds(1);     // after a bulk pass that read nothing
  absl::Duration longest_wait = absl::Milliseconds(200);  // of one Step, so that Stop is quick
  RetryOptions retry;
};

// Step: any number of threads. BulkStep: one. The rest: any.
class ReconcileLoop {
 public:
  ReconcileLoop(const ReconcileOptions& options, const CellIdentity& cell, Executor& executor,
                Records& records, CellNotes& notes, const Clock& clock, RepMetrics& metrics,
                const log::Logger& log);

  // For Executor::Subscribe.
  void OnContainerEvent(const ContainerEvent& event);
  // A look at one container is wanted.
  void Want(const Container& container);

  // From now on instances go by the table of core/evacuation.h. A look at each follows.
  void BeginEvacuation();
  bool evacuating() const { return evacuating_.load(); }

  // Handles one item that is due; returns how long to wait.
  absl::Duration Step();
  // Compares all containers with all records of the cell; returns how long to wait.
  absl::Duration BulkStep();
  // Nothing is queued or under way.
  bool idle() const { return queue_.empty(); }
  // Steps that wait end at once. Before the threads that call them are stopped.
  void Close() { queue_.Close(); }

 private:
  absl::Status Handle(const WorkItem& item);
  absl::Status CompareLrps(const std::vector<Container>& containers);
  absl::Status CompareTasks(const std::vector<Container>& containers);

  const ReconcileOptions options_;
  const CellIdentity cell_;
  Executor& executor_;
  Records& records_;
  const Clock& clock_;
  RepMetrics& metrics_;
  const log::Logger log_;
  LrpSteps lrp_steps_;
  TaskSteps task_steps_;
  WorkQueue queue_;
  std::atomic<bool> evacuating_{false};
};

}  // namespace diego::rep
