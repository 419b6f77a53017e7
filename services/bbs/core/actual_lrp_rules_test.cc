// Tables of reference/behaviours.md section 1.
#include "services/bbs/core/actual_lrp_rules.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::FactsOf;
using testing::Instance;
using testing::KeyOf;
using testing::kNow;
using testing::kWeb;
using testing::TableRow;
using testing::World;

Command Claim(const char* instance) { return ClaimActualLrp{kWeb, 0, Instance(instance)}; }
Command Start(const char* instance) { return StartActualLrp{FactsOf(instance)}; }
Command StartInOtherDomain(const char* instance) {
  StartActualLrp start{FactsOf(instance)};
  start.facts.key.domain = Domain("other");
  return start;
}
Command StartWithRoute(const char* instance) {
  StartActualLrp start{FactsOf(instance)};
  start.facts.internal_routes = {"web.internal"};
  return start;
}
Command Crash(const char* instance) { return CrashActualLrp{KeyOf(0), Instance(instance), "boom"}; }
Command Fail() { return FailActualLrp{KeyOf(0), "no room"}; }
Command Remove() { return RemoveActualLrp{kWeb, 0, std::nullopt}; }
Command Remove(const char* instance) { return RemoveActualLrp{kWeb, 0, Instance(instance)}; }
Command Retire(const char* cells) { return RetireActualLrp{KeyOf(0), Cells(cells)}; }

}  // namespace

TEST_CASE("claim: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"no row", "desired", Claim("a@1"), "ResourceNotFound", "", ""},
      {"UNCLAIMED", "UNCLAIMED", Claim("a@1"), "ok", "CLAIMED a@1 +1",
       "changed UNCLAIMED -> CLAIMED a@1"},
      {"CLAIMED same", "CLAIMED a@1", Claim("a@1"), "ok", "CLAIMED a@1", ""},
      {"CLAIMED other", "CLAIMED a@1", Claim("b@2"), "ActualLRPCannotBeClaimed", "CLAIMED a@1", ""},
      {"CLAIMED other cell only", "CLAIMED a@1", Claim("a@2"), "ActualLRPCannotBeClaimed",
       "CLAIMED a@1", ""},
      {"RUNNING same", "RUNNING a@1", Claim("a@1"), "ok", "CLAIMED a@1 +1",
       "changed RUNNING a@1 -> CLAIMED a@1"},
      {"RUNNING other", "RUNNING a@1", Claim("b@2"), "ActualLRPCannotBeClaimed", "RUNNING a@1", ""},
      {"CRASHED", "CRASHED", Claim("a@1"), "ActualLRPCannotBeClaimed", "CRASHED", ""},
      {"an evacuating row alone is no row", "E:RUNNING a@1", Claim("a@1"), "ResourceNotFound",
       "E:RUNNING a@1", ""},
      {"the caller is SUSPECT", "UNCLAIMED | S:RUNNING a@1", Claim("a@1"), "ok",
       "UNCLAIMED | S:RUNNING a@1", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("claim: net info and placement error go, crash count stays", "[bbs][actual_lrp]") {
  const auto claimed = [](const char* world) {
    const auto result = testing::Run(World(world), Claim("a@1"));
    return *result.after.FindActual({kWeb, 0});
  };
  CHECK(claimed("UNCLAIMED error=full crashes=2").placement_error.empty());
  CHECK(claimed("UNCLAIMED error=full crashes=2").crash_count == 2);
  CHECK(claimed("RUNNING a@1").net_info == NetInfo());
}

TEST_CASE("start: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"no row", "desired", Start("a@1"), "ok", "RUNNING a@1 new", "created RUNNING a@1"},
      {"no row, nothing desired (a blank database stops nothing)", "", Start("a@1"), "ok",
       "RUNNING a@1 new", "created RUNNING a@1"},
      {"UNCLAIMED", "UNCLAIMED", Start("a@1"), "ok", "RUNNING a@1 +1",
       "changed UNCLAIMED -> RUNNING a@1"},
      {"CLAIMED same", "CLAIMED a@1", Start("a@1"), "ok", "RUNNING a@1 +1",
       "changed CLAIMED a@1 -> RUNNING a@1"},
      {"CLAIMED other", "CLAIMED a@1", Start("b@2"), "ok", "RUNNING b@2 +1",
       "changed CLAIMED a@1 -> RUNNING b@2"},
      {"RUNNING same, same facts", "RUNNING a@1", Start("a@1"), "ok", "RUNNING a@1", ""},
      {"RUNNING same, net info differs", "RUNNING a@1 net=10.0.0.9", Start("a@1"), "ok",
       "RUNNING a@1 +1", "changed RUNNING a@1 -> RUNNING a@1"},
      {"RUNNING same, internal routes differ", "RUNNING a@1", StartWithRoute("a@1"), "ok",
       "RUNNING a@1 +1", "changed RUNNING a@1 -> RUNNING a@1"},
      {"RUNNING other", "RUNNING a@1", Start("b@2"), "ActualLRPCannotBeStarted", "RUNNING a@1", ""},
      {"CRASHED", "CRASHED", Start("a@1"), "ActualLRPCannotBeStarted", "CRASHED", ""},
      {"different domain, UNCLAIMED", "UNCLAIMED", StartInOtherDomain("a@1"),
       "ActualLRPCannotBeStarted", "UNCLAIMED", ""},
      {"different domain, RUNNING same", "RUNNING a@1", StartInOtherDomain("a@1"),
       "ActualLRPCannotBeStarted", "RUNNING a@1", ""},
      {"then the EVACUATING row is deleted", "CLAIMED b@2 | E:RUNNING a@1", Start("b@2"), "ok",
       "RUNNING b@2 +1", "changed CLAIMED b@2 -> RUNNING b@2, removed E:RUNNING a@1"},
      {"then the SUSPECT row is deleted", "CLAIMED b@2 | S:RUNNING a@1", Start("b@2"), "ok",
       "RUNNING b@2 +1", "changed CLAIMED b@2 -> RUNNING b@2, removed S:RUNNING a@1"},
      {"refused: the evacuating row stays", "CRASHED | E:RUNNING a@1", Start("b@2"),
       "ActualLRPCannotBeStarted", "CRASHED | E:RUNNING a@1", ""},
      {"the caller is SUSPECT", "UNCLAIMED | S:RUNNING a@1", Start("a@1"), "ok",
       "UNCLAIMED | S:RUNNING a@1", ""},
      {"the caller was SUSPECT, its replacement runs", "RUNNING b@2", Start("a@1"),
       "ActualLRPCannotBeStarted", "RUNNING b@2", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("start: any one differing fact is stored, equal facts write no row",
          "[bbs][actual_lrp]") {
  const State state = World("RUNNING a@1");
  StartActualLrp routable{FactsOf("a@1")};
  routable.facts.routable = false;
  StartActualLrp zone{FactsOf("a@1")};
  zone.facts.availability_zone = "z2";
  StartActualLrp tags{FactsOf("a@1")};
  tags.facts.metric_tags = {{"app", "web"}};
  for (const StartActualLrp& start : {routable, zone, tags}) {
    const auto result = testing::Run(state, start);
    CHECK(result.outcome.changes.size() == 1);
    CHECK(HoldsFacts(*result.after.FindActual({kWeb, 0}), start.facts));
    CHECK(testing::Run(result.after, start).outcome.changes.empty());
  }
}

TEST_CASE("start: the placement error goes", "[bbs][actual_lrp]") {
  const auto started = testing::Run(World("UNCLAIMED error=full"), StartActualLrp{FactsOf("a@1")});
  CHECK(started.after.FindActual({kWeb, 0})->placement_error.empty());
}

TEST_CASE("crash: the event tells of the instance before, and since when the row is as it is now",
          "[bbs][actual_lrp]") {
  const State state = World("desired | RUNNING a@1 age=6m");
  const auto crashed = testing::Run(state, Crash("a@1"));
  const auto event = std::get<ActualLrpCrashedEvent>(EventsOf(crashed.outcome.changes).at(0));
  CHECK(event.instance == Instance("a@1"));
  CHECK(event.since == kNow);
  CHECK(event.since == crashed.after.FindActual({kWeb, 0})->since);
}

TEST_CASE("crash: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"CLAIMED same, restart now", "desired | CLAIMED a@1", Crash("a@1"), "ok", "UNCLAIMED +1",
       "crashed a@1 x1, created UNCLAIMED, removed CLAIMED a@1", "auction 0"},
      {"RUNNING same, restart now", "desired | RUNNING a@1 crashes=1", Crash("a@1"), "ok",
       "UNCLAIMED +1", "crashed a@1 x2, created UNCLAIMED, removed RUNNING a@1", "auction 0"},
      {"RUNNING same, third time", "desired | RUNNING a@1 crashes=2", Crash("a@1"), "ok",
       "CRASHED +1", "crashed a@1 x3, changed RUNNING a@1 -> CRASHED"},
      {"CLAIMED same, third time", "desired | CLAIMED a@1 crashes=2 age=6m", Crash("a@1"), "ok",
       "CRASHED +1", "crashed a@1 x3, changed CLAIMED a@1 -> CRASHED"},
      {"RUNNING for more than 5 min: counts from 1", "desired | RUNNING a@1 crashes=9 age=301s",
       Crash("a@1"), "ok", "UNCLAIMED +1", "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1",
       "auction 0"},
      {"RUNNING for just 5 min: counts on", "desired | RUNNING a@1 crashes=9 age=300s",
       Crash("a@1"), "ok", "CRASHED +1", "crashed a@1 x10, changed RUNNING a@1 -> CRASHED"},
      {"CLAIMED other", "desired | CLAIMED a@1", Crash("b@2"), "ActualLRPCannotBeCrashed",
       "CLAIMED a@1", ""},
      {"RUNNING other", "desired | RUNNING a@1", Crash("b@2"), "ActualLRPCannotBeCrashed",
       "RUNNING a@1", ""},
      {"UNCLAIMED", "desired | UNCLAIMED", Crash("a@1"), "ActualLRPCannotBeCrashed", "UNCLAIMED",
       ""},
      {"CRASHED", "desired | CRASHED", Crash("a@1"), "ActualLRPCannotBeCrashed", "CRASHED", ""},
      {"no row", "desired", Crash("a@1"), "ResourceNotFound", "", ""},
      {"restart now, desired LRP missing: the call fails, the crash is kept", "RUNNING a@1",
       Crash("a@1"), "ResourceNotFound", "UNCLAIMED +1",
       "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1"},
      {"the caller is SUSPECT: removed, no restart, no count",
       "desired | UNCLAIMED | S:RUNNING a@1", Crash("a@1"), "ok", "UNCLAIMED",
       "removed S:RUNNING a@1"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("crash: the reason is kept, cut in the row and whole in the event", "[bbs][actual_lrp]") {
  const std::string reason(2000, 'x');
  const auto result = testing::Run(World("desired | RUNNING a@1 crashes=2"),
                                   CrashActualLrp{KeyOf(0), Instance("a@1"), reason});
  const std::string stored = result.after.FindActual({kWeb, 0})->crash_reason;
  CHECK(stored == std::string(1013, 'x') + "(truncated)");
  CHECK(stored.size() == 1024);
  const auto events = EventsOf(result.outcome.changes);
  CHECK(std::get<ActualLrpCrashedEvent>(events.at(0)).crash_reason == reason);
  CHECK(std::get<ActualLrpInstanceEvent>(events.at(1)).after->crash_reason == reason);
  CHECK(result.after.FindActual({kWeb, 0})->net_info == NetInfo());
}

TEST_CASE("stored texts are cut at 1024 bytes, never inside a character", "[bbs][actual_lrp]") {
  CHECK(StoredText(std::string(1023, 'x')) == std::string(1023, 'x'));
  CHECK(StoredText(std::string(1024, 'x')).size() == 1024);
  std::string wide = std::string(1012, 'x');
  for (int i = 0; i < 10; ++i) wide += "\xc3\xa9";
  CHECK(StoredText(wide) == std::string(1012, 'x') + "(truncated)");
}

TEST_CASE("fail: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"UNCLAIMED", "UNCLAIMED", Fail(), "ok", "UNCLAIMED +1", "changed UNCLAIMED -> UNCLAIMED"},
      {"CLAIMED", "CLAIMED a@1", Fail(), "ActualLRPCannotBeFailed", "CLAIMED a@1", ""},
      {"RUNNING", "RUNNING a@1", Fail(), "ActualLRPCannotBeFailed", "RUNNING a@1", ""},
      {"CRASHED", "CRASHED", Fail(), "ActualLRPCannotBeFailed", "CRASHED", ""},
      {"no row", "desired", Fail(), "ok", "", ""},
  };
  for (const TableRow& row : rows) Verify(row);
  const auto result = testing::Run(World("UNCLAIMED"), Fail());
  CHECK(result.after.FindActual({kWeb, 0})->placement_error == "no room");
}

TEST_CASE(
    "fail: the refusal is kept until a cell takes the instance, or the auctioneer gives another",
    "[bbs][actual_lrp]") {
  const FailActualLrp fail{KeyOf(0), "no room", Opaque("numbers")};
  const State failed = testing::Run(World("UNCLAIMED"), fail).after;
  CHECK(failed.FindActual({kWeb, 0})->placement_refusal == Opaque("numbers"));
  const auto refusal_after = [&](const Command& command) {
    return testing::Run(failed, command).after.FindActual({kWeb, 0})->placement_refusal;
  };
  CHECK(refusal_after(Claim("a@1")).empty());
  CHECK(refusal_after(StartActualLrp{FactsOf("a@1")}).empty());
  CHECK(refusal_after(Fail()).empty());
}

TEST_CASE("fail: the placement error is cut in the row and whole in the event",
          "[bbs][actual_lrp]") {
  const std::string error(1024, 'x');
  const auto result = testing::Run(World("UNCLAIMED"), FailActualLrp{KeyOf(0), error});
  CHECK(result.after.FindActual({kWeb, 0})->placement_error ==
        std::string(1013, 'x') + "(truncated)");
  const auto events = EventsOf(result.outcome.changes);
  CHECK(std::get<ActualLrpInstanceEvent>(events.at(0)).after->placement_error == error);
}

TEST_CASE("remove: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"ordinary row, key absent", "RUNNING a@1", Remove(), "ok", "", "removed RUNNING a@1"},
      {"ordinary row, key equal", "CLAIMED a@1", Remove("a@1"), "ok", "", "removed CLAIMED a@1"},
      {"other key", "CLAIMED a@1", Remove("b@2"), "ResourceNotFound", "CLAIMED a@1", ""},
      {"none", "desired", Remove(), "ResourceNotFound", "", ""},
      {"none but evacuating", "E:RUNNING a@1", Remove("a@1"), "ResourceNotFound", "E:RUNNING a@1",
       ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("unclaim: every row of the table, through the calls that unclaim", "[bbs][actual_lrp]") {
  const Command evacuate = EvacuateClaimedActualLrp{KeyOf(0), Instance("a@1")};
  const Command evacuate_unnamed = EvacuateClaimedActualLrp{KeyOf(0), InstanceKey()};
  const Command converge = Converge{Cells("1"), {}, {}, 100};
  const TableRow rows[] = {
      // Only a call without an instance key can mean this row: it has no instance.
      {"UNCLAIMED: cannot be unclaimed again", "desired | UNCLAIMED", evacuate_unnamed,
       "ActualLRPCannotBeUnclaimed", "UNCLAIMED", "", "", /*keep_container=*/true},
      {"UNCLAIMED: is not the row of an instance", "desired | UNCLAIMED", evacuate,
       "ResourceNotFound", "UNCLAIMED", ""},
      {"CLAIMED is not touched by a stale start", "desired | CLAIMED a@1 age=1h", converge, "ok",
       "CLAIMED a@1", ""},
      {"else: UNCLAIMED", "desired | CLAIMED a@1 crashes=2", evacuate, "ok", "UNCLAIMED +1",
       "created UNCLAIMED, removed CLAIMED a@1", "auction 0"},
  };
  for (const TableRow& row : rows) Verify(row);
  const auto after = testing::Run(World("desired | RUNNING a@1 crashes=2"), evacuate).after;
  CHECK(after.FindActual({kWeb, 0})->crash_count == 2);
  CHECK(after.FindActual({kWeb, 0})->net_info == NetInfo());
}

TEST_CASE("retire: every row of the table", "[bbs][actual_lrp]") {
  const TableRow rows[] = {
      {"no ordinary row", "E:RUNNING a@1", Retire("1"), "ResourceNotFound", "E:RUNNING a@1", ""},
      {"UNCLAIMED", "UNCLAIMED", Retire("1"), "ok", "", "removed UNCLAIMED"},
      {"CRASHED", "CRASHED", Retire("?"), "ok", "", "removed CRASHED"},
      {"CLAIMED, cell there", "CLAIMED a@1", Retire("1"), "ok", "CLAIMED a@1", "", "stop a@1"},
      {"RUNNING, cell there", "RUNNING a@1", Retire("1"), "ok", "RUNNING a@1", "", "stop a@1"},
      {"RUNNING, cell missing", "RUNNING a@1", Retire("2"), "ok", "", "removed RUNNING a@1"},
      {"CLAIMED, cell missing", "CLAIMED a@1", Retire(""), "ok", "", "removed CLAIMED a@1"},
      {"RUNNING, cells not known", "RUNNING a@1", Retire("?"), "ok", "RUNNING a@1", "", "stop a@1"},
  };
  for (const TableRow& row : rows) Verify(row);
}

}  // namespace diego::bbs
