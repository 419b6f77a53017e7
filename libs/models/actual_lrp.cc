#include "libs/models/actual_lrp.h"
#include "absl/strings/string_view.h"

namespace diego {

absl::string_view ActualLrpStateName(ActualLrpState state) {
  switch (state) {
    case ActualLrpState::kUnclaimed: return "UNCLAIMED";
    case ActualLrpState::kClaimed: return "CLAIMED";
    case ActualLrpState::kRunning: return "RUNNING";
    case ActualLrpState::kCrashed: return "CRASHED";
  }
  return "";
}

std::optional<ActualLrpState> ParseActualLrpState(absl::string_view name) {
  for (ActualLrpState state : {ActualLrpState::kUnclaimed, ActualLrpState::kClaimed,
                               ActualLrpState::kRunning, ActualLrpState::kCrashed}) {
    if (name == ActualLrpStateName(state)) return state;
  }
  return std::nullopt;
}

absl::string_view PresenceName(Presence presence) {
  switch (presence) {
    case Presence::kOrdinary: return "ORDINARY";
    case Presence::kEvacuating: return "EVACUATING";
    case Presence::kSuspect: return "SUSPECT";
  }
  return "";
}

}  // namespace diego
