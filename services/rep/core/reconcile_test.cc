#include "services/rep/core/reconcile.h"

#include <catch2/catch.hpp>
#include <functional>

namespace diego::rep {
namespace {

using R = LrpRecord;
using P = ContainerPhase;
using A = LrpAction;

ActualLrp Row(ActualLrpState state, InstanceKey instance, Presence presence = Presence::kOrdinary) {
  ActualLrp row;
  row.key = {ProcessGuid("web"), 0, Domain("d")};
  row.state = state;
  row.instance = instance;
  row.presence = presence;
  return row;
}
const InstanceKey kHere{InstanceGuid("i-1"), CellId("cell-1")};
const InstanceKey kSibling{InstanceGuid("i-2"), CellId("cell-1")};
const InstanceKey kOther{InstanceGuid("i-3"), CellId("cell-2")};

TEST_CASE("reconcile: every pair of LRP record and container has its action", "[rep][reconcile]") {
  struct Case {
    R record;
    P phase;
    A action;
  };
  const Case cases[] = {
      {R::kNone, P::kReserved, A::kDeleteContainer},
      {R::kNone, P::kStarting, A::kDeleteContainer},
      {R::kNone, P::kRunning, A::kStart},
      {R::kNone, P::kStopped, A::kDeleteContainer},
      {R::kNone, P::kCrashed, A::kCrash},
      {R::kNone, P::kMissing, A::kNothing},
      {R::kUnclaimed, P::kReserved, A::kClaimAndRun},
      {R::kUnclaimed, P::kStarting, A::kClaim},
      {R::kUnclaimed, P::kRunning, A::kStart},
      {R::kUnclaimed, P::kStopped, A::kDeleteContainer},
      {R::kUnclaimed, P::kCrashed, A::kDeleteContainer},
      {R::kUnclaimed, P::kMissing, A::kNothing},
      {R::kClaimedHere, P::kReserved, A::kRun},
      {R::kClaimedHere, P::kStarting, A::kNothing},
      {R::kClaimedHere, P::kRunning, A::kStart},
      {R::kClaimedHere, P::kStopped, A::kRemove},
      {R::kClaimedHere, P::kCrashed, A::kCrash},
      {R::kClaimedHere, P::kMissing, A::kRemove},
      {R::kClaimedElsewhere, P::kReserved, A::kDeleteContainer},
      {R::kClaimedElsewhere, P::kStarting, A::kDeleteContainer},
      {R::kClaimedElsewhere, P::kRunning, A::kStart},
      {R::kClaimedElsewhere, P::kStopped, A::kDeleteContainer},
      {R::kClaimedElsewhere, P::kCrashed, A::kDeleteContainer},
      {R::kClaimedElsewhere, P::kMissing, A::kNothing},
      {R::kRunningHere, P::kReserved, A::kClaimAndRun},
      {R::kRunningHere, P::kStarting, A::kClaim},
      {R::kRunningHere, P::kRunning, A::kNothing},
      {R::kRunningHere, P::kStopped, A::kRemove},
      {R::kRunningHere, P::kCrashed, A::kCrash},
      {R::kRunningHere, P::kMissing, A::kRemove},
      {R::kRunningElsewhere, P::kReserved, A::kDeleteContainer},
      {R::kRunningElsewhere, P::kStarting, A::kDeleteContainer},
      {R::kRunningElsewhere, P::kRunning, A::kDeleteContainer},
      {R::kRunningElsewhere, P::kStopped, A::kDeleteContainer},
      {R::kRunningElsewhere, P::kCrashed, A::kDeleteContainer},
      {R::kRunningElsewhere, P::kMissing, A::kNothing},
      {R::kCrashed, P::kReserved, A::kDeleteContainer},
      {R::kCrashed, P::kStarting, A::kDeleteContainer},
      {R::kCrashed, P::kRunning, A::kStart},
      {R::kCrashed, P::kStopped, A::kDeleteContainer},
      {R::kCrashed, P::kCrashed, A::kDeleteContainer},
      {R::kCrashed, P::kMissing, A::kNothing},
      {R::kSuspectHere, P::kReserved, A::kClaimAndRun},
      {R::kSuspectHere, P::kStarting, A::kNothing},
      {R::kSuspectHere, P::kRunning, A::kNothing},
      {R::kSuspectHere, P::kStopped, A::kCrash},
      {R::kSuspectHere, P::kCrashed, A::kCrash},
      {R::kSuspectHere, P::kMissing, A::kCrash},
      {R::kEvacuatingHere, P::kReserved, A::kDeleteContainer},
      {R::kEvacuatingHere, P::kStarting, A::kDeleteContainer},
      {R::kEvacuatingHere, P::kRunning, A::kStart},
      {R::kEvacuatingHere, P::kStopped, A::kRemoveEvacuating},
      {R::kEvacuatingHere, P::kCrashed, A::kRemoveEvacuating},
      {R::kEvacuatingHere, P::kMissing, A::kRemoveEvacuating},
  };
  for (const Case& c : cases) {
    INFO(LrpRecordName(c.record) << " x " << ContainerPhaseName(c.phase));
    CHECK(LrpActionName(ReconcileLrp(c.record, c.phase)) == LrpActionName(c.action));
  }
}

TEST_CASE("reconcile: a blank database never shuts down a running container", "[rep][reconcile]") {
  CHECK(ReconcileLrp(R::kNone, P::kRunning) == A::kStart);
}

TEST_CASE("reconcile: rows of an index are seen from one instance", "[rep][reconcile]") {
  struct Case {
    const char* what;
    std::vector<ActualLrp> rows;
    R record;
  };
  using S = ActualLrpState;
  const Case cases[] = {
      {"no row", {}, R::kNone},
      {"unclaimed", {Row(S::kUnclaimed, {})}, R::kUnclaimed},
      {"claimed by us", {Row(S::kClaimed, kHere)}, R::kClaimedHere},
      {"claimed by a sibling on this cell", {Row(S::kClaimed, kSibling)}, R::kClaimedElsewhere},
      {"claimed by another cell", {Row(S::kClaimed, kOther)}, R::kClaimedElsewhere},
      {"running by us", {Row(S::kRunning, kHere)}, R::kRunningHere},
      {"running by another", {Row(S::kRunning, kOther)}, R::kRunningElsewhere},
      {"crashed", {Row(S::kCrashed, {})}, R::kCrashed},
      {"our suspect row beside a replacement",
       {Row(S::kUnclaimed, {}), Row(S::kRunning, kHere, Presence::kSuspect)},
       R::kSuspectHere},
      {"another's suspect row says nothing of us",
       {Row(S::kRunning, kOther, Presence::kSuspect)},
       R::kNone},
      {"we replace a suspect",
       {Row(S::kClaimed, kHere), Row(S::kRunning, kOther, Presence::kSuspect)},
       R::kClaimedHere},
      {"our evacuating row beside a replacement",
       {Row(S::kRunning, kOther), Row(S::kRunning, kHere, Presence::kEvacuating)},
       R::kEvacuatingHere},
      {"we replace an evacuating instance",
       {Row(S::kClaimed, kHere), Row(S::kRunning, kOther, Presence::kEvacuating)},
       R::kClaimedHere},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    CHECK(LrpRecordName(MatchLrp(c.rows, kHere).record) == LrpRecordName(c.record));
  }
}

TEST_CASE("reconcile: a running record that says all needs no report", "[rep][reconcile]") {
  LrpReport report;
  report.net_info.address = "10.0.0.1";
  report.net_info.ports = {{8080, 61001, 0, 0}};
  report.internal_routes = {"web.internal"};
  report.zone = "z1";
  report.definition_id = "v2";
  ActualLrp row = Row(ActualLrpState::kRunning, kHere);
  row.definition_id = "v2";
  row.net_info = report.net_info;
  row.internal_routes = report.internal_routes;
  row.availability_zone = "z1";
  row.routable = true;
  CHECK(SaysAll(row, report));
  const std::function<void(ActualLrp&)> differences[] = {
      [](ActualLrp& r) { r.net_info.ports[0].host_port = 1; },
      [](ActualLrp& r) { r.internal_routes.clear(); },
      [](ActualLrp& r) { r.metric_tags["a"] = "b"; },
      [](ActualLrp& r) { r.availability_zone = ""; },
      [](ActualLrp& r) { r.routable = false; },
      [](ActualLrp& r) { r.definition_id = "v1"; },
  };
  for (const auto& differ : differences) {
    ActualLrp other = row;
    differ(other);
    CHECK_FALSE(SaysAll(other, report));
  }
}

TEST_CASE("reconcile: every pair of task record and container has its action", "[rep][reconcile]") {
  using T = TaskRecord;
  using B = TaskAction;
  struct Case {
    T record;
    P phase;
    B action;
  };
  const Case cases[] = {
      {T::kNone, P::kReserved, B::kDeleteContainer},
      {T::kNone, P::kStarting, B::kDeleteContainer},
      {T::kNone, P::kRunning, B::kDeleteContainer},
      {T::kNone, P::kStopped, B::kDeleteContainer},
      {T::kNone, P::kCrashed, B::kDeleteContainer},
      {T::kNone, P::kMissing, B::kNothing},
      {T::kPending, P::kReserved, B::kStartAndRun},
      {T::kPending, P::kStarting, B::kStart},
      {T::kPending, P::kRunning, B::kStart},
      {T::kPending, P::kStopped, B::kDeleteContainer},
      {T::kPending, P::kCrashed, B::kDeleteContainer},
      {T::kPending, P::kMissing, B::kNothing},
      {T::kRunningHere, P::kReserved, B::kRun},
      {T::kRunningHere, P::kStarting, B::kNothing},
      {T::kRunningHere, P::kRunning, B::kNothing},
      {T::kRunningHere, P::kStopped, B::kCompleteAndDelete},
      {T::kRunningHere, P::kCrashed, B::kCompleteAndDelete},
      {T::kRunningHere, P::kMissing, B::kCompleteMissing},
      {T::kRunningElsewhere, P::kReserved, B::kDeleteContainer},
      {T::kRunningElsewhere, P::kStarting, B::kDeleteLoudly},
      {T::kRunningElsewhere, P::kRunning, B::kDeleteLoudly},
      {T::kRunningElsewhere, P::kStopped, B::kDeleteContainer},
      {T::kRunningElsewhere, P::kCrashed, B::kDeleteContainer},
      {T::kRunningElsewhere, P::kMissing, B::kNothing},
      {T::kOver, P::kReserved, B::kDeleteContainer},
      {T::kOver, P::kStarting, B::kDeleteContainer},
      {T::kOver, P::kRunning, B::kDeleteContainer},
      {T::kOver, P::kStopped, B::kDeleteContainer},
      {T::kOver, P::kCrashed, B::kDeleteContainer},
      {T::kOver, P::kMissing, B::kNothing},
  };
  for (const Case& c : cases) {
    INFO(TaskRecordName(c.record) << " x " << ContainerPhaseName(c.phase));
    CHECK(TaskActionName(ReconcileTask(c.record, c.phase)) == TaskActionName(c.action));
  }
}

TEST_CASE("reconcile: a task's row is seen from this cell", "[rep][reconcile]") {
  const CellId here("cell-1");
  Task task;
  CHECK(MatchTask(std::nullopt, here) == TaskRecord::kNone);
  task.state = TaskState::kPending;
  CHECK(MatchTask(task, here) == TaskRecord::kPending);
  task.state = TaskState::kRunning;
  task.cell_id = here;
  CHECK(MatchTask(task, here) == TaskRecord::kRunningHere);
  task.cell_id = CellId("cell-2");
  CHECK(MatchTask(task, here) == TaskRecord::kRunningElsewhere);
  task.state = TaskState::kCompleted;
  CHECK(MatchTask(task, here) == TaskRecord::kOver);
  task.state = TaskState::kResolving;
  CHECK(MatchTask(task, here) == TaskRecord::kOver);
}

}  // namespace
}  // namespace diego::rep
