// LrpSteps: carries out what the tables of core/reconcile.h and, on a cell that evacuates,
// core/evacuation.h say about one instance.
// Source: reference/behaviours.md section 9, reference/design-notes.md section 6.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/log/log.h"
#include "services/rep/containers/executor.h"
#include "services/rep/core/evacuation.h"
#include "services/rep/core/reconcile.h"
#include "services/rep/engine/cell_notes.h"
#include "services/rep/engine/records.h"
#include "services/rep/engine/rep_metrics.h"
#include "services/rep/engine/work_queue.h"

namespace diego::rep {

struct CellIdentity {
  CellId cell_id;
  std::string zone;
  bool prefer_instance_address = false;
};

// True for failures that say nothing about the record: the step is left to a later pass.
bool IsTransient(const absl::Status& status);

// Says once, of a container that is now run, which of its wishes this cell does not fulfil. Nothing
// when there are none.
void LogIgnored(const log::Logger& log, const std::string& container_guid,
                const std::vector<std::string>& fields);

// Thread-safe, but one instance is not to be handled on two threads at a time.
class LrpSteps {
 public:
  LrpSteps(CellIdentity cell, Executor& executor, Records& records, CellNotes& notes,
           RepMetrics& metrics, const log::Logger& log);

  // Reads the record, decides and acts. Not OK: to be tried again.
  absl::Status Handle(const WorkItem& item);

  // The same on a cell that evacuates. One whose container is gone is for Handle.
  absl::Status HandleEvacuating(const WorkItem& item);

  // What to do, given the rows of the index as they were read at some moment.
  LrpAction Decide(const std::optional<Container>& container, const std::string& instance_guid,
                   const std::vector<ActualLrp>& rows) const;

 private:
  struct Subject;
  Subject SubjectOf(const WorkItem& item) const;
  absl::Status Act(LrpAction action, const Subject& subject);
  absl::Status Act(EvacuationAction action, const Subject& subject);
  absl::Status EvacuateRunning(const Subject& subject);
  absl::Status ToldThenDelete(const absl::Status& told, const Subject& subject);
  absl::Status Claim(const Subject& subject, bool* lost);
  absl::Status Run(const Subject& subject);
  absl::Status Start(const Subject& subject);
  absl::Status DeleteContainer(const Subject& subject);
  LrpReport ReportOf(const Container& container) const;

  const CellIdentity cell_;
  Executor& executor_;
  Records& records_;
  CellNotes& notes_;
  RepMetrics& metrics_;
  const log::Logger log_;
};

}  // namespace diego::rep
