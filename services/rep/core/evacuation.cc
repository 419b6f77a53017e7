#include "services/rep/core/evacuation.h"

#include <array>

namespace diego::rep {
namespace {

// Short names, so that the table stands whole on the page.
// clang-format off
constexpr auto Keep = EvacuationAction::kKeep, Put = EvacuationAction::kPutEvacuating,
               PutUnclaim = EvacuationAction::kPutEvacuatingAndUnclaim,
               Unclaim = EvacuationAction::kUnclaim,
               RemoveDelete = EvacuationAction::kRemoveEvacuatingAndDelete,
               Delete = EvacuationAction::kDeleteContainer;
constexpr EvacuationAction kRunning[6][3] = {
    //                           no evacuating record  ours          another's
    /* UNCLAIMED             */ {Put,                  Keep,         Delete},
    /* UNCLAIMED, with error */ {Keep,                 Keep,         Keep},
    /* CLAIMED or RUNNING α  */ {PutUnclaim,           Unclaim,      PutUnclaim},
    /* CLAIMED ω             */ {Put,                  Keep,         Delete},
    /* RUNNING ω, CRASHED    */ {Delete,               RemoveDelete, Delete},
    /* none                  */ {Delete,               RemoveDelete, Delete},
};
// clang-format on

constexpr std::array<absl::string_view, 9> kActionNames = {"keep",
                                                           "put-evacuating",
                                                           "put-evacuating-and-unclaim",
                                                           "unclaim",
                                                           "remove-evacuating-and-delete",
                                                           "delete-container",
                                                           "give-up-claim",
                                                           "report-stopped",
                                                           "report-crashed"};

}  // namespace

absl::string_view EvacuationActionName(EvacuationAction action) {
  return kActionNames[static_cast<size_t>(action)];
}

EvacuationAction ReconcileEvacuating(OrdinaryRecord ordinary, EvacuatingRecord evacuating,
                                     ContainerPhase phase) {
  switch (phase) {
    case ContainerPhase::kReserved:
    case ContainerPhase::kStarting: return EvacuationAction::kGiveUpClaim;
    case ContainerPhase::kRunning:
      return kRunning[static_cast<size_t>(ordinary)][static_cast<size_t>(evacuating)];
    case ContainerPhase::kStopped: return EvacuationAction::kReportStopped;
    case ContainerPhase::kCrashed: return EvacuationAction::kReportCrashed;
    case ContainerPhase::kMissing: break;
  }
  return EvacuationAction::kKeep;
}

EvacuationMatch MatchEvacuating(const std::vector<ActualLrp>& rows, const InstanceKey& instance) {
  EvacuationMatch match;
  for (const ActualLrp& row : rows) {
    const bool here = row.instance == instance;
    if (row.presence == Presence::kEvacuating) {
      match.evacuating = here ? EvacuatingRecord::kHere : EvacuatingRecord::kElsewhere;
    }
    if (row.presence != Presence::kOrdinary) continue;
    switch (row.state) {
      case ActualLrpState::kUnclaimed:
        match.ordinary = row.placement_error.empty() ? OrdinaryRecord::kUnclaimed
                                                     : OrdinaryRecord::kUnclaimedWithError;
        break;
      case ActualLrpState::kClaimed:
        match.ordinary = here ? OrdinaryRecord::kHere : OrdinaryRecord::kClaimedElsewhere;
        break;
      case ActualLrpState::kRunning:
        match.ordinary = here ? OrdinaryRecord::kHere : OrdinaryRecord::kRunningElsewhereOrCrashed;
        break;
      case ActualLrpState::kCrashed:
        match.ordinary = OrdinaryRecord::kRunningElsewhereOrCrashed;
        break;
    }
  }
  return match;
}

}  // namespace diego::rep
