#include "services/rep/core/reconcile.h"

#include <array>

namespace diego::rep {
namespace {

constexpr size_t kPhases = 6;

using L = LrpAction;
// clang-format off
constexpr L kLrp[9][kPhases] = {
    //                   reserved             starting             running              stopped               crashed               no container
    /* none        */ {L::kDeleteContainer, L::kDeleteContainer, L::kStart,           L::kDeleteContainer,  L::kCrash,            L::kNothing},
    /* UNCLAIMED   */ {L::kClaimAndRun,     L::kClaim,           L::kStart,           L::kDeleteContainer,  L::kDeleteContainer,  L::kNothing},
    /* CLAIMED α   */ {L::kRun,             L::kNothing,         L::kStart,           L::kRemove,           L::kCrash,            L::kRemove},
    /* CLAIMED ω   */ {L::kDeleteContainer, L::kDeleteContainer, L::kStart,           L::kDeleteContainer,  L::kDeleteContainer,  L::kNothing},
    /* RUNNING α   */ {L::kClaimAndRun,     L::kClaim,           L::kNothing,         L::kRemove,           L::kCrash,            L::kRemove},
    /* RUNNING ω   */ {L::kDeleteContainer, L::kDeleteContainer, L::kDeleteContainer, L::kDeleteContainer,  L::kDeleteContainer,  L::kNothing},
    /* CRASHED     */ {L::kDeleteContainer, L::kDeleteContainer, L::kStart,           L::kDeleteContainer,  L::kDeleteContainer,  L::kNothing},
    // The BBS removes a suspect record on a crash, and on nothing milder (RemoveActualLRP knows
    // ordinary records only).
    /* SUSPECT α   */ {L::kClaimAndRun,     L::kNothing,         L::kNothing,         L::kCrash,            L::kCrash,            L::kCrash},
    /* evacuating α*/ {L::kDeleteContainer, L::kDeleteContainer, L::kStart,           L::kRemoveEvacuating, L::kRemoveEvacuating, L::kRemoveEvacuating},
};

using T = TaskAction;
constexpr T kTask[5][kPhases] = {
    //                   reserved             starting             running              stopped                crashed                no container
    /* none        */ {T::kDeleteContainer, T::kDeleteContainer, T::kDeleteContainer, T::kDeleteContainer,   T::kDeleteContainer,   T::kNothing},
    /* Pending     */ {T::kStartAndRun,     T::kStart,           T::kStart,           T::kDeleteContainer,   T::kDeleteContainer,   T::kNothing},
    /* Running α   */ {T::kRun,             T::kNothing,         T::kNothing,         T::kCompleteAndDelete, T::kCompleteAndDelete, T::kCompleteMissing},
    /* Running ω   */ {T::kDeleteContainer, T::kDeleteLoudly,    T::kDeleteLoudly,    T::kDeleteContainer,   T::kDeleteContainer,   T::kNothing},
    /* over        */ {T::kDeleteContainer, T::kDeleteContainer, T::kDeleteContainer, T::kDeleteContainer,   T::kDeleteContainer,   T::kNothing},
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
         record.routable.value_or(false);
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
