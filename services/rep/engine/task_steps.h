// TaskSteps: carries out what the table of core/reconcile.h says about one task.
// Source: reference/behaviours.md section 9, rows "task …".
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/log/log.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/reconcile.h"
#include "services/rep/engine/cell_notes.h"
#include "services/rep/engine/records.h"
#include "services/rep/engine/rep_metrics.h"
#include "services/rep/engine/work_queue.h"

namespace diego::rep {

// Thread-safe, but one task is not to be handled on two threads at a time.
class TaskSteps {
 public:
  TaskSteps(CellId cell_id, Executor& executor, Records& records, CellNotes& notes,
            RepMetrics& metrics, const log::Logger& log);

  // Reads the record, decides and acts. Not OK: to be tried again.
  absl::Status Handle(const WorkItem& item);

  TaskAction Decide(const std::optional<Container>& container,
                    const std::optional<Task>& task) const;

 private:
  struct Subject;
  absl::Status Act(TaskAction action, const Subject& subject);
  // `*should_run`: it is ours to run now. A refusal deletes the container.
  absl::Status Start(const Subject& subject, bool* should_run);
  absl::Status Run(const Subject& subject);
  absl::Status Complete(const Subject& subject);
  absl::Status Fail(const TaskGuid& task_guid, const std::string& reason);
  absl::Status DeleteContainer(const Subject& subject);

  const CellId cell_id_;
  Executor& executor_;
  Records& records_;
  CellNotes& notes_;
  RepMetrics& metrics_;
  const log::Logger log_;
};

}  // namespace diego::rep
