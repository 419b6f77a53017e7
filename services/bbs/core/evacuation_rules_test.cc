// Table of reference/behaviours.md section 4; design-notes.md section 7.
#include "services/bbs/core/evacuation_rules.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::FactsOf;
using testing::Instance;
using testing::KeyOf;
using testing::kNow;
using testing::kOldEpoch;
using testing::kWeb;
using testing::TableRow;
using testing::World;

Command Claimed(const char* instance) {
  return EvacuateClaimedActualLrp{KeyOf(0), Instance(instance)};
}
Command Crashed(const char* instance) {
  return EvacuateCrashedActualLrp{KeyOf(0), Instance(instance), "boom"};
}
Command Stopped(const char* instance) {
  return EvacuateStoppedActualLrp{KeyOf(0), Instance(instance)};
}
Command Running(const char* instance) { return EvacuateRunningActualLrp{FactsOf(instance)}; }
Command RemoveEvacuating(const char* instance) {
  return RemoveEvacuatingActualLrp{KeyOf(0), Instance(instance)};
}

}  // namespace

TEST_CASE("evacuate claimed: every row of the table", "[bbs][evacuation]") {
  const TableRow rows[] = {
      {"instance key not found", "desired | CLAIMED a@1", Claimed("b@2"), "ResourceNotFound",
       "CLAIMED a@1", ""},
      {"no rows", "desired", Claimed("b@2"), "ResourceNotFound", "", ""},
      {"row is EVACUATING", "desired | UNCLAIMED | E:RUNNING a@1", Claimed("a@1"), "ok",
       "UNCLAIMED", "removed E:RUNNING a@1"},
      {"row is SUSPECT", "desired | UNCLAIMED | S:CLAIMED a@1", Claimed("a@1"), "ok", "UNCLAIMED",
       "removed S:CLAIMED a@1"},
      {"ordinary", "desired | CLAIMED a@1", Claimed("a@1"), "ok", "UNCLAIMED +1",
       "created UNCLAIMED, removed CLAIMED a@1", "auction 0"},
      {"ordinary, desired LRP missing: nothing to auction", "CLAIMED a@1", Claimed("a@1"), "ok",
       "UNCLAIMED +1", "created UNCLAIMED, removed CLAIMED a@1"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("evacuate crashed: every row of the table", "[bbs][evacuation]") {
  const TableRow rows[] = {
      {"not found", "desired | RUNNING a@1", Crashed("b@2"), "ResourceNotFound", "RUNNING a@1", ""},
      {"EVACUATING", "desired | UNCLAIMED | E:RUNNING a@1", Crashed("a@1"), "ok", "UNCLAIMED",
       "removed E:RUNNING a@1"},
      {"SUSPECT", "desired | CLAIMED b@2 | S:RUNNING a@1", Crashed("a@1"), "ok", "CLAIMED b@2",
       "removed S:RUNNING a@1"},
      {"ordinary: no auction even when UNCLAIMED results", "desired | RUNNING a@1", Crashed("a@1"),
       "ok", "UNCLAIMED +1", "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1"},
      {"ordinary, third crash", "desired | RUNNING a@1 crashes=2", Crashed("a@1"), "ok",
       "CRASHED +1", "crashed a@1 x3, changed RUNNING a@1 -> CRASHED"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("evacuate stopped: every row of the table", "[bbs][evacuation]") {
  const TableRow rows[] = {
      {"not found", "desired | RUNNING a@1", Stopped("b@2"), "ResourceNotFound", "RUNNING a@1", ""},
      {"EVACUATING", "desired | UNCLAIMED | E:RUNNING a@1", Stopped("a@1"), "ok", "UNCLAIMED",
       "removed E:RUNNING a@1"},
      {"SUSPECT", "desired | UNCLAIMED | S:RUNNING a@1", Stopped("a@1"), "ok", "UNCLAIMED",
       "removed S:RUNNING a@1"},
      {"ordinary", "desired | RUNNING a@1", Stopped("a@1"), "ok", "", "removed RUNNING a@1"},
      {"no instance named, a row waits", "desired | UNCLAIMED",
       EvacuateStoppedActualLrp{KeyOf(0), {}}, "ResourceNotFound", "UNCLAIMED", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("evacuate running: every row of the table", "[bbs][evacuation]") {
  const TableRow rows[] = {
      {"no rows for the index", "desired", Running("a@1"), "ok", "", ""},
      {"no ordinary row", "desired | E:RUNNING a@1", Running("a@1"), "ok", "",
       "removed E:RUNNING a@1"},
      {"no ordinary row, another's evacuating row stays", "desired | E:RUNNING b@2", Running("a@1"),
       "ok", "E:RUNNING b@2", ""},
      {"ordinary row not the target and RUNNING", "desired | RUNNING b@2 | E:RUNNING a@1",
       Running("a@1"), "ok", "RUNNING b@2", "removed E:RUNNING a@1"},
      {"ordinary row not the target and RUNNING, target unknown", "desired | RUNNING b@2",
       Running("a@1"), "ok", "RUNNING b@2", ""},
      {"ordinary row not the target and CRASHED", "desired | CRASHED | E:RUNNING a@1",
       Running("a@1"), "ok", "CRASHED", "removed E:RUNNING a@1"},
      {"desired LRP missing", "UNCLAIMED | E:RUNNING a@1", Running("a@1"), "ok", "UNCLAIMED",
       "removed E:RUNNING a@1"},
      {"desired LRP missing, target ordinary", "RUNNING a@1", Running("a@1"), "ok", "RUNNING a@1",
       ""},
      {"RECREATE: target unknown", "desired strategy=recreate | UNCLAIMED", Running("a@1"), "ok",
       "UNCLAIMED", ""},
      {"RECREATE: target EVACUATING", "desired strategy=recreate | UNCLAIMED | E:RUNNING a@1",
       Running("a@1"), "ok", "UNCLAIMED", "removed E:RUNNING a@1"},
      {"RECREATE: target SUSPECT", "desired strategy=recreate | CLAIMED b@2 | S:RUNNING a@1",
       Running("a@1"), "ok", "CLAIMED b@2", "removed S:RUNNING a@1"},
      {"RECREATE: enough ordinary RUNNING rows", "desired=1 strategy=recreate | RUNNING a@1",
       Running("a@1"), "ok", "UNCLAIMED +1", "created UNCLAIMED, removed RUNNING a@1", "auction 0"},
      {"RECREATE: target CLAIMED, enough others run",
       "desired=1 strategy=recreate | CLAIMED a@1 | 1:RUNNING b@2", Running("a@1"), "ok",
       "UNCLAIMED +1 | 1:RUNNING b@2", "created UNCLAIMED, removed CLAIMED a@1", "auction 0"},
      {"RECREATE: target CLAIMED, too few run", "desired=1 strategy=recreate | CLAIMED a@1",
       Running("a@1"), "ok", "CLAIMED a@1", "", "", true},
      {"RECREATE: too few ordinary RUNNING rows",
       "desired=2 strategy=recreate | RUNNING a@1 | 1:CLAIMED b@2", Running("a@1"), "ok",
       "RUNNING a@1 | 1:CLAIMED b@2", "", "", true},
      {"target unknown, another EVACUATING row exists", "desired | CLAIMED c@3 | E:RUNNING b@2",
       Running("a@1"), "ok", "CLAIMED c@3 | E:RUNNING b@2", ""},
      {"target unknown otherwise: created", "desired | UNCLAIMED", Running("a@1"), "ok",
       "UNCLAIMED | E:RUNNING a@1 new", "created E:RUNNING a@1", "", true},
      {"target unknown otherwise, ordinary CLAIMED by another: created", "desired | CLAIMED b@2",
       Running("a@1"), "ok", "CLAIMED b@2 | E:RUNNING a@1 new", "created E:RUNNING a@1", "", true},
      {"target EVACUATING otherwise: updated", "desired | UNCLAIMED | E:RUNNING a@1 net=10.9.9.9",
       Running("a@1"), "ok", "UNCLAIMED | E:RUNNING a@1 +1",
       "changed E:RUNNING a@1 -> E:RUNNING a@1", "", true},
      {"target EVACUATING otherwise: unchanged", "desired | UNCLAIMED | E:RUNNING a@1",
       Running("a@1"), "ok", "UNCLAIMED | E:RUNNING a@1", "", "", true},
      {"target ordinary RUNNING", "desired | RUNNING a@1", Running("a@1"), "ok",
       "UNCLAIMED +1 | E:RUNNING a@1 new",
       "changed RUNNING a@1 -> E:RUNNING a@1, created UNCLAIMED", "auction 0", true},
      {"target ordinary CLAIMED", "desired | CLAIMED a@1", Running("a@1"), "ok",
       "UNCLAIMED +1 | E:RUNNING a@1 new",
       "changed CLAIMED a@1 -> E:RUNNING a@1, created UNCLAIMED", "auction 0", true},
      {"target ordinary, another's evacuating row goes", "desired | RUNNING a@1 | E:RUNNING b@2",
       Running("a@1"), "ok", "UNCLAIMED +1 | E:RUNNING a@1 new",
       "changed RUNNING a@1 -> E:RUNNING a@1, removed E:RUNNING b@2, created UNCLAIMED",
       "auction 0", true},
      {"target ordinary, EVACUATING already (a late claim)",
       "desired | CLAIMED a@1 | E:RUNNING a@1", Running("a@1"), "ok",
       "UNCLAIMED +1 | E:RUNNING a@1", "created UNCLAIMED, removed CLAIMED a@1", "auction 0", true},
      {"target in other states", "desired | CRASHED a@1", Running("a@1"), "ok", "CRASHED a@1", ""},
      {"target SUSPECT in other states", "desired | UNCLAIMED | S:CRASHED a@1", Running("a@1"),
       "ok", "UNCLAIMED | S:CRASHED a@1", ""},
      {"target SUSPECT RUNNING", "desired | CLAIMED b@2 | S:RUNNING a@1", Running("a@1"), "ok",
       "CLAIMED b@2 | E:RUNNING a@1 new", "changed S:RUNNING a@1 -> E:RUNNING a@1", "", true},
      {"target SUSPECT CLAIMED", "desired | UNCLAIMED | S:CLAIMED a@1", Running("a@1"), "ok",
       "UNCLAIMED | E:RUNNING a@1 new", "changed S:CLAIMED a@1 -> E:RUNNING a@1", "", true},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("evacuate running: the evacuating row holds what was stored", "[bbs][evacuation]") {
  const auto after =
      testing::Run(World("desired | RUNNING a@1 routes=web.internal crashes=1"), Running("a@1"))
          .after.FindActuals(kWeb, 0);
  CHECK(after.evacuating()->internal_routes == std::vector<std::string>{"web.internal"});
  CHECK(after.evacuating()->since == kNow);
  CHECK(after.evacuating()->tag.epoch != kOldEpoch);
  CHECK(after.ordinary()->crash_count == 1);
  CHECK(after.ordinary()->net_info == NetInfo());
}

TEST_CASE("remove evacuating: only that instance's evacuating row", "[bbs][evacuation]") {
  const TableRow rows[] = {
      {"that key and EVACUATING", "UNCLAIMED | E:RUNNING a@1", RemoveEvacuating("a@1"), "ok",
       "UNCLAIMED", "removed E:RUNNING a@1"},
      {"other key", "E:RUNNING a@1", RemoveEvacuating("b@2"), "ResourceNotFound", "E:RUNNING a@1",
       ""},
      {"not EVACUATING", "RUNNING a@1", RemoveEvacuating("a@1"), "ResourceNotFound", "RUNNING a@1",
       ""},
      {"no row", "", RemoveEvacuating("a@1"), "ResourceNotFound", "", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("evacuation: an instance of an unreadable desired LRP stays as long as the cell does",
          "[bbs][evacuation]") {
  const State state = World("unreadable | RUNNING a@1");
  const testing::Result result = testing::Run(state, Running("a@1"));
  CHECK(result.outcome.keep_container);
  CHECK(testing::Rows(result.after) == "RUNNING a@1");
}

}  // namespace diego::bbs
