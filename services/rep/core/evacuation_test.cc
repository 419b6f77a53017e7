#include "services/rep/core/evacuation.h"

#include <catch2/catch.hpp>

namespace diego::rep {
namespace {

using O = OrdinaryRecord;
using V = EvacuatingRecord;
using E = EvacuationAction;

TEST_CASE("evacuation: every pair of records of a running container has its action",
          "[rep][evacuation]") {
  struct Case {
    O ordinary;
    V evacuating;
    E action;
  };
  const Case cases[] = {
      {O::kUnclaimed, V::kNone, E::kPutEvacuating},
      {O::kUnclaimed, V::kHere, E::kKeep},
      {O::kUnclaimed, V::kElsewhere, E::kDeleteContainer},
      {O::kUnclaimedWithError, V::kNone, E::kKeep},
      {O::kUnclaimedWithError, V::kHere, E::kKeep},
      {O::kUnclaimedWithError, V::kElsewhere, E::kKeep},
      {O::kHere, V::kNone, E::kPutEvacuatingAndUnclaim},
      {O::kHere, V::kHere, E::kUnclaim},
      {O::kHere, V::kElsewhere, E::kPutEvacuatingAndUnclaim},
      {O::kClaimedElsewhere, V::kNone, E::kPutEvacuating},
      {O::kClaimedElsewhere, V::kHere, E::kKeep},
      {O::kClaimedElsewhere, V::kElsewhere, E::kDeleteContainer},
      {O::kRunningElsewhereOrCrashed, V::kNone, E::kDeleteContainer},
      {O::kRunningElsewhereOrCrashed, V::kHere, E::kRemoveEvacuatingAndDelete},
      {O::kRunningElsewhereOrCrashed, V::kElsewhere, E::kDeleteContainer},
      {O::kNone, V::kNone, E::kDeleteContainer},
      {O::kNone, V::kHere, E::kRemoveEvacuatingAndDelete},
      {O::kNone, V::kElsewhere, E::kDeleteContainer},
  };
  for (const Case& c : cases) {
    INFO(static_cast<int>(c.ordinary) << " x " << static_cast<int>(c.evacuating));
    CHECK(EvacuationActionName(
              ReconcileEvacuating(c.ordinary, c.evacuating, ContainerPhase::kRunning)) ==
          EvacuationActionName(c.action));
  }
}

TEST_CASE("evacuation: a container that does not run is given up", "[rep][evacuation]") {
  const auto act = [](ContainerPhase phase) {
    return ReconcileEvacuating(O::kHere, V::kNone, phase);
  };
  CHECK(act(ContainerPhase::kReserved) == E::kGiveUpClaim);
  CHECK(act(ContainerPhase::kStarting) == E::kGiveUpClaim);
  CHECK(act(ContainerPhase::kStopped) == E::kReportStopped);
  CHECK(act(ContainerPhase::kCrashed) == E::kReportCrashed);
  CHECK(act(ContainerPhase::kMissing) == E::kKeep);
}

TEST_CASE("evacuation: rows of an index are seen from one instance", "[rep][evacuation]") {
  const InstanceKey here{InstanceGuid("i-1"), CellId("cell-1")};
  const InstanceKey other{InstanceGuid("i-2"), CellId("cell-2")};
  ActualLrp ordinary;
  ordinary.state = ActualLrpState::kUnclaimed;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kUnclaimed);
  ordinary.placement_error = "insufficient resources";
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kUnclaimedWithError);
  ordinary.state = ActualLrpState::kClaimed;
  ordinary.instance = here;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kHere);
  ordinary.instance = other;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kClaimedElsewhere);
  ordinary.state = ActualLrpState::kRunning;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kRunningElsewhereOrCrashed);
  ordinary.instance = here;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kHere);
  ordinary.state = ActualLrpState::kCrashed;
  CHECK(MatchEvacuating({ordinary}, here).ordinary == O::kRunningElsewhereOrCrashed);
  ActualLrp evacuating = ordinary;
  evacuating.presence = Presence::kEvacuating;
  evacuating.instance = here;
  CHECK(MatchEvacuating({evacuating}, here).ordinary == O::kNone);
  CHECK(MatchEvacuating({evacuating}, here).evacuating == V::kHere);
  evacuating.instance = other;
  CHECK(MatchEvacuating({ordinary, evacuating}, here).evacuating == V::kElsewhere);
  CHECK(MatchEvacuating({}, here).evacuating == V::kNone);
}

}  // namespace
}  // namespace diego::rep
