// Reconcile: what to do about one container and its record. Two states, one table, every pair on
// the page. Pure functions.
// Source: reference/design-notes.md section 6; reference/behaviours.md section 9.
//
// "Here" (the notes' alpha) is this cell AND this container's instance guid; "elsewhere" (omega) is
// any other holder, another instance on this very cell included.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/task.h"

namespace diego::rep {

// The columns of the table.
enum class ContainerPhase {
  kReserved,
  kStarting,  // initializing or created
  kRunning,
  kStopped,  // completed after a stop on purpose
  kCrashed,  // completed in any other way
  kMissing,  // a record is all there is
};
// "reserved", "starting", "running", "stopped", "crashed", "missing".
absl::string_view ContainerPhaseName(ContainerPhase phase);

// The rows for LRPs.
enum class LrpRecord {
  kNone,
  kUnclaimed,
  kClaimedHere,
  kClaimedElsewhere,
  kRunningHere,
  kRunningElsewhere,
  kCrashed,
  kSuspectHere,     // this cell was thought lost; a replacement is on its way
  kEvacuatingHere,  // left over from an evacuation of this cell
};
absl::string_view LrpRecordName(LrpRecord record);

enum class LrpAction {
  kNothing,
  kClaimAndRun,
  kRun,
  kClaim,
  kStart,             // tell the BBS that it runs here
  kDeleteContainer,   // after reading the record anew when the container starts or runs
  kRemove,            // remove the record, then the container if there is one
  kRemoveEvacuating,  // remove the evacuating record, then the container if there is one
  kCrash,             // report the crash, then delete the container if there is one
};
absl::string_view LrpActionName(LrpAction action);

LrpAction ReconcileLrp(LrpRecord record, ContainerPhase phase);

// What the rows of one index (any presences, at most one each) are to the container of `instance`:
// a row that this instance holds comes first (ordinary, suspect, evacuating), then the ordinary
// row. Rows of other instances with another presence do not concern it.
struct LrpMatch {
  LrpRecord record = LrpRecord::kNone;
  std::optional<ActualLrp> row;  // the row that decided, if any
};
LrpMatch MatchLrp(const std::vector<ActualLrp>& rows, const InstanceKey& instance);

// What a running container reports of itself.
struct LrpReport {
  NetInfo net_info;
  std::vector<std::string> internal_routes;
  std::map<std::string, std::string> metric_tags;
  std::string zone;
  std::string definition_id = {};  // "" = not known

  friend bool operator==(const LrpReport&, const LrpReport&) = default;
};
// True when a RUNNING record already says all of `report`, so that there is nothing to tell.
bool SaysAll(const ActualLrp& record, const LrpReport& report);

// The rows for tasks.
enum class TaskRecord { kNone, kPending, kRunningHere, kRunningElsewhere, kOver };
absl::string_view TaskRecordName(TaskRecord record);

enum class TaskAction {
  kNothing,
  kStartAndRun,  // StartTask; run when it says so
  kRun,          // it is ours already, but never ran
  kStart,        // StartTask only
  kDeleteContainer,
  kDeleteLoudly,       // it runs here although another cell has it
  kCompleteAndDelete,  // complete, or reject when the failure is retryable
  kCompleteMissing,    // complete as failed: `task container does not exist`
};
absl::string_view TaskActionName(TaskAction action);

TaskAction ReconcileTask(TaskRecord record, ContainerPhase phase);
TaskRecord MatchTask(const std::optional<Task>& task, const CellId& here);

}  // namespace diego::rep
