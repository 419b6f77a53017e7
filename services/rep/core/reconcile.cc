#include "services/rep/core/reconcile.h"

#include <array>

namespace diego::rep {
namespace {

constexpr size_t kPhases = 6;

// Short names, so that each table stands whole on the page: nothing, claim and run, and so on.
// clang-format off
constexpr auto o = LrpAction::kNothing, ClaimRun = LrpAction::kClaimAndRun, Run = LrpAction::kRun,
               Claim = LrpAction::kClaim, Start = LrpAction::kStart,
               Delete = LrpAction::kDeleteContainer, Remove = LrpAction::kRemove,
               RemoveEv = LrpAction::kRemoveEvacuating, Crash = LrpAction::kCrash;
constexpr LrpAction kLrp[9][kPhases] = {
    //                  reserved  starting  running  stopped   crashed   no container
    /* none         */ {Delete,   Delete,   Start,   Delete,   Crash,    o},
    /* UNCLAIMED    */ {ClaimRun, Claim,    Start,   Delete,   Delete,   o},
    /* CLAIMED α    */ {Run,      o,        Start,   Remove,   Crash,    Remove},
    /* CLAIMED ω    */ {Delete,   Delete,   Start,   Delete,   Delete,   o},
    /* RUNNING α    */ {ClaimRun, Claim,    o,       Remove,   Crash,    Remove},
    /* RUNNING ω    */ {Delete,   Delete,   Delete,  Delete,   Delete,   o},
    /* CRASHED      */ {Delete,   Delete,   Start,   Delete,   Delete,   o},
    // The BBS removes a suspect record on a crash, and on nothing milder (RemoveActualLRP knows
    // ordinary records only).
    /* SUSPECT α    */ {ClaimRun, o,        o,       Crash,    Crash,    Crash},
    /* EVACUATING α */ {Delete,   Delete,   Start,   RemoveEv, RemoveEv, RemoveEv},
};

constexpr auto t_o = TaskAction::kNothing, StartRun = TaskAction::kStartAndRun,
               RunOurs = TaskAction::kRun, StartOnly = TaskAction::kStart,
               Discard = TaskAction::kDeleteContainer, Loud = TaskAction::kDeleteLoudly,
               Complete = TaskAction::kCompleteAndDelete, Lost = TaskAction::kCompleteMissing;
constexpr TaskAction kTask[5][kPhases] = {
    //               reserved  starting   running    stopped   crashed   no container
    /* none      */ {Discard,  Discard,   Discard,   Discard,  Discard,  t_o},
    /* Pending   */ {StartRun, StartOnly, StartOnly, Discard,  Discard,  t_o},
    /* Running α */ {RunOurs,  t_o,       t_o,       Complete, Complete, Lost},
    /* Running ω */ {Discard,  Loud,      Loud,      Discard,  Discard,  t_o},
    /* over      */ {Discard,  Discard,   Discard,   Discard,  Discard,  t_o},
};
// clang-format on

constexpr std::array<absl::string_view, 6> kPhaseNames = {"reserved", "starting", "running",
                                                          "stopped",  "crashed",  "missing"};
constexpr std::array<absl::string_view, 9> kLrpRecordNames = {
    "none",           "unclaimed",         "claimed-here", "claimed-elsewhere",
    "running-here",   "running-elsewhere", "crashed",      "suspect-here",
    "evacuating-here"};
constexpr std::array<absl::string_view, 9> kLrpActionNames = {
    "nothing", "claim-and-run",     "run",  "claim", "start", "delete-container",
    "remove",  "remove-evacuating", "crash"};
constexpr std::array<absl::string_view, 5> kTaskRecordNames = {"none", "pending", "running-here",
                                                               "running-elsewhere", "over"};
constexpr std::array<absl::string_view, 8> kTaskActionNames = {"nothing",
                                                               "start-and-run",
                                                               "run",
                                                               "start",
                                                               "delete-container",
                                                               "delete-loudly",
                                                               "complete-and-delete",
                                                               "complete-missing"};

// For the row of a presence that `instance` holds, or null.
const ActualLrp* HeldBy(const std::vector<ActualLrp>& rows, const InstanceKey& instance,
                        Presence presence) {
  for (const ActualLrp& row : rows) {
    if (row.presence == presence && row.instance == instance) return &row;
  }
  return nullptr;
}

LrpRecord OrdinaryRecord(const ActualLrp& row, const InstanceKey& instance) {
  const bool here = row.instance == instance;
  switch (row.state) {
    case ActualLrpState::kUnclaimed: return LrpRecord::kUnclaimed;
    case ActualLrpState::kClaimed:
      return here ? LrpRecord::kClaimedHere : LrpRecord::kClaimedElsewhere;
    case ActualLrpState::kRunning:
      return here ? LrpRecord::kRunningHere : LrpRecord::kRunningElsewhere;
    case ActualLrpState::kCrashed: return LrpRecord::kCrashed;
  }
  return LrpRecord::kNone;
}

}  // namespace

absl::string_view ContainerPhaseName(ContainerPhase phase) {
  return kPhaseNames[static_cast<size_t>(phase)];
}
absl::string_view LrpRecordName(LrpRecord record) {
  return kLrpRecordNames[static_cast<size_t>(record)];
}
absl::string_view LrpActionName(LrpAction action) {
  return kLrpActionNames[static_cast<size_t>(action)];
}
absl::string_view TaskRecordName(TaskRecord record) {
  return kTaskRecordNames[static_cast<size_t>(record)];
}
absl::string_view TaskActionName(TaskAction action) {
  return kTaskActionNames[static_cast<size_t>(action)];
}

LrpAction ReconcileLrp(LrpRecord record, ContainerPhase phase) {
  return kLrp[static_cast<size_t>(record)][static_cast<size_t>(phase)];
}

LrpMatch MatchLrp(const std::vector<ActualLrp>& rows, const InstanceKey& instance) {
  if (const ActualLrp* row = HeldBy(rows, instance, Presence::kOrdinary)) {
    return {OrdinaryRecord(*row, instance), *row};
  }
  if (const ActualLrp* row = HeldBy(rows, instance, Presence::kSuspect)) {
    return {LrpRecord::kSuspectHere, *row};
  }
  if (const ActualLrp* row = HeldBy(rows, instance, Presence::kEvacuating)) {
    return {LrpRecord::kEvacuatingHere, *row};
  }
  for (const ActualLrp& row : rows) {
    if (row.presence == Presence::kOrdinary) return {OrdinaryRecord(row, instance), row};
  }
  return {};
}

bool SaysAll(const ActualLrp& record, const LrpReport& report) {
  return record.net_info == report.net_info && record.internal_routes == report.internal_routes &&
         record.metric_tags == report.metric_tags && record.availability_zone == report.zone &&
         record.routable.value_or(false) &&
         (report.definition_id.empty() || record.definition_id == report.definition_id);
}

TaskAction ReconcileTask(TaskRecord record, ContainerPhase phase) {
  return kTask[static_cast<size_t>(record)][static_cast<size_t>(phase)];
}

TaskRecord MatchTask(const std::optional<Task>& task, const CellId& here) {
  if (!task) return TaskRecord::kNone;
  switch (task->state) {
    case TaskState::kPending: return TaskRecord::kPending;
    case TaskState::kRunning:
      return task->cell_id == here ? TaskRecord::kRunningHere : TaskRecord::kRunningElsewhere;
    case TaskState::kCompleted:
    case TaskState::kResolving: return TaskRecord::kOver;
    case TaskState::kInvalid: break;
  }
  return TaskRecord::kNone;
}

}  // namespace diego::rep
