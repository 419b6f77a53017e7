// Tables of reference/design-notes.md section 3 and docs/adr/0013-rolling-updates.md.
#include "services/bbs/core/roll_rules.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::Definition;
using testing::FactsOf;
using testing::Instance;
using testing::KeyOf;
using testing::kNow;
using testing::kWeb;
using testing::World;

Command UpdateTo(const char* id, std::optional<int32_t> instances = std::nullopt) {
  UpdateDesiredLrp update{kWeb, {}};
  update.update.definition = Definition(id);
  update.update.instances = instances;
  return update;
}
Command Scale(int32_t instances) {
  UpdateDesiredLrp update{kWeb, {}};
  update.update.instances = instances;
  return update;
}
Command Cancel() { return CancelDesiredLrpUpdate{kWeb}; }
Command RollBack(const char* id) { return RollBackDesiredLrp{kWeb, id}; }
Command Claim(const char* instance, const char* id, int32_t index = 0) {
  return ClaimActualLrp{kWeb, index, Instance(instance), id};
}
Command Start(const char* instance, const char* id, int32_t index = 0, bool routable = true) {
  StartActualLrp start{FactsOf(instance, index)};
  start.facts.definition_id = id;
  start.facts.routable = routable;
  return start;
}
Command Crash(const char* instance) { return CrashActualLrp{KeyOf(0), Instance(instance), "boom"}; }
Command Remove(const char* instance) { return RemoveActualLrp{kWeb, 0, Instance(instance)}; }
Command EvacuateRunning(const char* instance) {
  return EvacuateRunningActualLrp{FactsOf(instance)};
}
Command Fail() { return FailActualLrp{KeyOf(0), "no room"}; }
Command Retire() { return RetireActualLrp{KeyOf(0), Cells("1 3")}; }
Command Pass(const char* cells) { return Converge{Cells(cells), {}, {}, 1000}; }

struct Row {
  const char* rule;
  const char* world;
  Command call;
  const char* status;
  const char* rows;
  const char* roll;
  const char* effects = "";
};

void VerifyRolls(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    INFO(row.rule << ": " << row.world);
    const testing::Result result = testing::Run(World(row.world), row.call);
    CHECK(testing::Words(result.outcome.status) == row.status);
    CHECK(testing::Rows(result.after) == row.rows);
    CHECK(testing::RollWords(result.after) == row.roll);
    CHECK(testing::Words(result.outcome.effects) == row.effects);
  }
}

// One roll under way, its first index in hand.
#define ROLLING "desired=2 v=v2 kept=v1 healthy=v1 base=v1 at=0 beside"

}  // namespace

TEST_CASE("roll: an update with a definition begins with index 0, beside the old one",
          "[bbs][roll]") {
  VerifyRolls({
      {"all run", "desired=2 v=v1 | RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", UpdateTo("v2"), "ok",
       "UNCLAIMED v2 new | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
      {"desired without an id", "desired | RUNNING a@1", UpdateTo("v2"), "ok",
       "UNCLAIMED v2 new | E:RUNNING a@1",
       "v2 kept old-epoch, healthy old-epoch, base old-epoch, "
       "at 0 beside",
       "auction 0 v2"},
      {"nothing ever ran: all of it goes over at once",
       "desired=3 v=v1 | UNCLAIMED v=v1 | 1:CLAIMED b@2 v=v1 | 2:CRASHED v=v1", UpdateTo("v2"),
       "ok", "UNCLAIMED v2 +1 | 1:UNCLAIMED v2 +1 | 2:UNCLAIMED v2 +1", "v2 kept v1",
       "stop b@2, auction 0 1 2 v2"},
      {"it runs, but a late claim took its start back: waited for",
       "desired v=v1 | CLAIMED a@1 v=v1 routable=yes", UpdateTo("v2"), "ok", "CLAIMED a@1 v1",
       "v2 kept v1, base v1"},
      {"index 0 is evacuating: the next one is first",
       "desired=2 v=v1 | CLAIMED c@3 v=v1 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1",
       UpdateTo("v2"), "ok",
       "CLAIMED c@3 v1 | E:RUNNING a@1 v1 | 1:UNCLAIMED v2 new | 1E:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 1 beside", "auction 1 v2"},
      {"index 0 is suspect: it waits", "desired v=v1 | CLAIMED c@3 v=v1 | S:RUNNING a@1 v=v1",
       UpdateTo("v2"), "ok", "CLAIMED c@3 v1 | S:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1"},
      {"index 0 starts anew: it waits, with what it had",
       "desired v=v1 kept=v0 healthy=v1 | CLAIMED c@3 v=v1 | E:RUNNING a@1 v=v1", UpdateTo("v2"),
       "ok", "CLAIMED c@3 v1 | E:RUNNING a@1 v1", "v2 kept v1 v0, healthy v1, base v1"},
      {"index 0 is down: nothing to stand beside",
       "desired=2 v=v1 | CRASHED v=v1 crashes=5 | 1:RUNNING b@2 v=v1", UpdateTo("v2"), "ok",
       "UNCLAIMED v2 +1 | 1:RUNNING b@2 v1", "v2 kept v1, healthy v1, base v1, at 0",
       "auction 0 v2"},
      {"index 0 finds no place: neither",
       "desired=2 v=v1 | UNCLAIMED v=v1 error=full | 1:RUNNING b@2 v=v1", UpdateTo("v2"), "ok",
       "UNCLAIMED v2 +1 | 1:RUNNING b@2 v1", "v2 kept v1, healthy v1, base v1, at 0",
       "auction 0 v2"},
      {"RECREATE: the old one first goes",
       "desired=2 strategy=recreate v=v1 | RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", UpdateTo("v2"),
       "ok", "UNCLAIMED v2 +1 | 1:RUNNING b@2 v1", "v2 kept v1, healthy v1, base v1, at 0",
       "stop a@1, auction 0 v2"},
      {"missing", "", UpdateTo("v2"), "ResourceNotFound", "", ""},
      {"said again: no update", "desired v=v1 | RUNNING a@1 v=v1", UpdateTo("v1"), "ok",
       "RUNNING a@1 v1", "v1"},
      {"the id of one that is kept", "desired v=v2 kept=v1 | RUNNING a@1 v=v2", UpdateTo("v1"),
       "ResourceExists", "RUNNING a@1 v2", "v2 kept v1"},
  });
}

TEST_CASE("roll: the old one is stopped once the new one runs, and the next index has its turn",
          "[bbs][roll]") {
  VerifyRolls({
      {"claimed", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1",
       Claim("c@3", "v2"), "ok", "CLAIMED c@3 v2 +1 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"runs", ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1",
       Start("c@3", "v2"), "ok", "RUNNING c@3 v2 +1 | 1:UNCLAIMED v2 new | 1E:RUNNING b@2 v1",
       "v2 kept v1, healthy v2, base v1, at 1 beside", "stop a@1, auction 1 v2"},
      {"runs on a cell that knows of no definitions",
       ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", Start("c@3", ""),
       "ok", "RUNNING c@3 v2 +1 | 1:UNCLAIMED v2 new | 1E:RUNNING b@2 v1",
       "v2 kept v1, healthy v2, base v1, at 1 beside", "stop a@1, auction 1 v2"},
      {"runs, but may not be sent traffic yet",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1",
       Start("c@3", "v2", 0, false), "ok",
       "RUNNING c@3 v2 +1 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"now it may",
       ROLLING " | RUNNING c@3 v=v2 routable=no | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v2",
       Start("c@3", "v2"), "ok", "RUNNING c@3 v2 +1 | 1:RUNNING b@2 v2", "v2 kept v1, healthy v2",
       "stop a@1"},
      {"the last one: the roll is done",
       "desired=2 v=v2 kept=v1 healthy=v2 base=v1 at=1 beside | RUNNING c@3 v=v2 | 1:CLAIMED d@2 "
       "v=v2 | 1E:RUNNING b@2 v=v1",
       Start("d@2", "v2", 1), "ok", "RUNNING c@3 v2 | 1:RUNNING d@2 v2 +1",
       "v2 kept v1, healthy v2", "stop b@2"},
      {"the old one reports that it runs: it serves on",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1", Start("a@1", "v1"), "ok",
       "CLAIMED c@3 v2 | E:RUNNING a@1 v1", "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"the old one's addresses change", ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 net=old",
       Start("a@1", "v1"), "ok", "CLAIMED c@3 v2 | E:RUNNING a@1 v1 +1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"the old one claims: nothing", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1",
       Claim("a@1", "v1"), "ok", "UNCLAIMED v2 | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"a cell that was to run the old definition",
       ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1", Claim("z@9", "v1"),
       "ActualLRPCannotBeClaimed", "UNCLAIMED v2 | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"and did", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1", Start("z@9", "v1"),
       "ActualLRPCannotBeStarted", "UNCLAIMED v2 | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"a definition that nobody remembers is taken at its word", "desired v=v2 | UNCLAIMED v=v2",
       Start("z@9", "v0"), "ok", "RUNNING z@9 v0 +1", "v2"},
  });
}

TEST_CASE("roll: a definition that does not come up leaves every old instance running",
          "[bbs][roll]") {
  VerifyRolls({
      {"it crashes: again at once",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", Crash("c@3"), "ok",
       "UNCLAIMED v2 +1 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
      {"it crashes: with the usual back-off",
       ROLLING " | CLAIMED c@3 v=v2 crashes=2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1",
       Crash("c@3"), "ok", "CRASHED v2 +1 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"its back-off is over: again, for ever",
       "desired v=v2 kept=v1 healthy=v1 base=v1 at=0 beside "
       "for=100h | CRASHED v=v2 crashes=9 age=1h | E:RUNNING a@1 v=v1",
       Pass("1"), "ok", "UNCLAIMED v2 +1 | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
      {"no place", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1", Fail(), "ok",
       "UNCLAIMED v2 +1 | E:RUNNING a@1 v1", "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"its container could not be made", ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1",
       Remove("c@3"), "ok", "UNCLAIMED v2 new | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
      {"its cell is lost: nobody is suspect, as the old one serves",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1", Pass("1"), "ok",
       "UNCLAIMED v2 +1 | E:RUNNING a@1 v1 | 1:UNCLAIMED v1 new",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2, auction 1 v1"},
      {"its cell evacuates", ROLLING " | RUNNING c@3 v=v2 routable=no | E:RUNNING a@1 v=v1",
       EvacuateRunning("c@3"), "ok", "UNCLAIMED v2 +1 | E:RUNNING a@1 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
  });
}

TEST_CASE("roll: an index that fails a definition which runs elsewhere is given up for a while",
          "[bbs][roll]") {
#define FLAKY "desired=3 v=v2 kept=v1 healthy=v2 base=v1 "
  VerifyRolls({
      {"not yet",
       FLAKY "at=1 beside for=299s | RUNNING a@1 v=v2 | 1:CRASHED v=v2 crashes=200 | "
             "1E:RUNNING b@1 v=v1 | 2:RUNNING c@1 v=v1",
       Pass("1"), "ok", "RUNNING a@1 v2 | 1:CRASHED v2 | 1E:RUNNING b@1 v1 | 2:RUNNING c@1 v1",
       "v2 kept v1, healthy v2, base v1, at 1 beside"},
      {"the old one stays, the next has its turn",
       FLAKY "at=1 beside for=5m | RUNNING a@1 v=v2 | 1:CRASHED v=v2 crashes=200 | 1E:RUNNING b@1 "
             "v=v1 | 2:RUNNING c@1 v=v1",
       Pass("1"), "ok",
       "RUNNING a@1 v2 | 1:RUNNING b@1 v1 | 2:UNCLAIMED v2 new | 2E:RUNNING c@1 v1",
       "v2 kept v1, healthy v2, base v1, at 2 beside, given up 1", "auction 2 v2"},
      {"one that hangs is stopped",
       FLAKY "at=1 beside for=5m | RUNNING a@1 v=v2 | 1:CLAIMED d@1 v=v2 | 1E:RUNNING b@1 v=v1 | "
             "2:RUNNING c@1 v=v2",
       Pass("1"), "ok", "RUNNING a@1 v2 | 1:RUNNING b@1 v1 | 2:RUNNING c@1 v2",
       "v2 kept v1, healthy v2, base v1, given up 1", "stop d@1"},
      {"it rests",
       FLAKY "given-up=1@599s | RUNNING a@1 v=v2 | 1:RUNNING b@1 v=v1 | 2:RUNNING c@1 "
             "v=v2",
       Pass("1"), "ok", "RUNNING a@1 v2 | 1:RUNNING b@1 v1 | 2:RUNNING c@1 v2",
       "v2 kept v1, healthy v2, base v1, given up 1"},
      {"it is tried again",
       FLAKY "given-up=1@10m | RUNNING a@1 v=v2 | 1:RUNNING b@1 v=v1 | "
             "2:RUNNING c@1 v=v2",
       Pass("1"), "ok",
       "RUNNING a@1 v2 | 1:UNCLAIMED v2 new | 1E:RUNNING b@1 v1 | 2:RUNNING c@1 v2",
       "v2 kept v1, healthy v2, base v1, at 1 beside, given up 1", "auction 1 v2"},
  });
}

TEST_CASE("roll: what restarts outside the roll runs the last healthy definition", "[bbs][roll]") {
  const char* const kAtOne = "desired=3 v=v2 kept=v1 healthy=v2 base=v1 at=1 beside | ";
  const std::string later =
      std::string(kAtOne) + "RUNNING a@1 v=v2 | 1:UNCLAIMED v=v2 | 1E:RUNNING b@1 v=v1 | ";
  const std::string crash_later = later + "2:RUNNING c@1 v=v1";
  VerifyRolls({
      {"not yet proven: the old one",
       ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING "
               "b@2 v=v1",
       CrashActualLrp{KeyOf(1), Instance("b@2"), "boom"}, "ok",
       "UNCLAIMED v2 | E:RUNNING a@1 v1 | 1:UNCLAIMED v1 +1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 1 v1"},
      {"proven: the new one", crash_later.c_str(),
       CrashActualLrp{KeyOf(2), Instance("c@1"), "boom"}, "ok",
       "RUNNING a@1 v2 | 1:UNCLAIMED v2 | 1E:RUNNING b@1 v1 | 2:UNCLAIMED v2 +1",
       "v2 kept v1, healthy v2, base v1, at 1 beside", "auction 2 v2"},
      {"scaled up", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", Scale(3),
       "ok", "UNCLAIMED v2 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1 | 2:UNCLAIMED v1 new",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 2 v1"},
      {"scaled down to nothing",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:UNCLAIMED "
               "v=v1",
       Scale(0), "ok", "CLAIMED c@3 v2", "v2 kept v1, healthy v2", "stop c@3, stop a@1"},
      {"removed", ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1", RemoveDesiredLrp{kWeb}, "ok",
       "E:RUNNING a@1 v1", "", "stop a@1"},
  });
}

TEST_CASE("roll: what turns up with another definition is taken, and replaced in its turn",
          "[bbs][roll]") {
  VerifyRolls({
      {"its stop got lost, and the LRP is scaled up again",
       "desired=0 v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v1", Scale(1), "ok",
       "UNCLAIMED v2 new | E:RUNNING a@1 v1", "v2 kept v1, healthy v2, base v1, at 0 beside",
       "auction 0 v2"},
      {"past the count one waited for what was active then, and is wanted again",
       "desired=1 v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v2 | 1:UNCLAIMED v=v1", Scale(2), "ok",
       "RUNNING a@1 v2 | 1:UNCLAIMED v2 +1", "v2 kept v1, healthy v2", "auction 1 v2"},
      {"the same, of the active one: nothing to replace",
       "desired=0 v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v2", Scale(1), "ok", "RUNNING a@1 v2",
       "v2 kept v1, healthy v2"},
      {"a start of one that is kept", "desired v=v2 kept=v1 healthy=v2 | UNCLAIMED v=v2",
       Start("a@1", "v1"), "ok", "UNCLAIMED v2 new | E:RUNNING a@1 v1 +1",
       "v2 kept v1, healthy v2, base v1, at 0 beside", "auction 0 v2"},
      {"a start of one that nobody remembers", "desired v=v9 kept=v8 healthy=v9 | UNCLAIMED v=v9",
       Start("a@1", "v1"), "ok", "UNCLAIMED v9 new | E:RUNNING a@1 v1 +1",
       "v9 kept v8, healthy v9, base v8, at 0 beside", "auction 0 v9"},
      {"of an LRP that never rolled, as after the loss of a database", "desired v=v9 | UNCLAIMED",
       Start("a@1", "v1"), "ok", "RUNNING a@1 v1 +1", "v9"},
      {"a start of the active one where one that nobody remembers was claimed",
       "desired v=v2 kept=v0 healthy=v2 | CLAIMED c@3 v=gone", Start("a@1", "v2"), "ok",
       "RUNNING a@1 v2 +1", "v2 kept v0, healthy v2"},
      {"during a roll elsewhere: it waits for its turn",
       "desired=2 v=v2 kept=v1,v0 healthy=v1 base=v1 at=0 beside | UNCLAIMED v=v2 | "
       "E:RUNNING a@1 v=v1 | 1:UNCLAIMED v=v1",
       Start("b@2", "v0", 1), "ok", "UNCLAIMED v2 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v0 +1",
       "v2 kept v1 v0, healthy v1, base v1, at 0 beside"},
      {"where the old one serves it is not needed",
       ROLLING " | UNCLAIMED v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", Start("z@9", "v1"),
       "ActualLRPCannotBeStarted", "UNCLAIMED v2 | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside"},
      {"a claim for one that nobody remembers", "desired v=v9 kept=v8 healthy=v9 | UNCLAIMED v=v9",
       Claim("a@1", "v1"), "ActualLRPCannotBeClaimed", "UNCLAIMED v9", "v9 kept v8, healthy v9"},
      {"a claim that does not say", "desired v=v9 kept=v8 healthy=v9 | UNCLAIMED v=v9",
       Claim("a@1", ""), "ok", "CLAIMED a@1 v9 +1", "v9 kept v8, healthy v9"},
  });
}

TEST_CASE("roll: the old one is taken back when it ends or has to move", "[bbs][roll]") {
  const char* const kBegun = ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:UNCLAIMED v=v1";
  VerifyRolls({
      {"it crashes", kBegun, Crash("a@1"), "ok", "UNCLAIMED v1 +1 | 1:UNCLAIMED v1",
       "v2 kept v1, healthy v1, base v1", "stop c@3, auction 0 v1"},
      {"it is removed", kBegun, Remove("a@1"), "ok", "1:UNCLAIMED v1",
       "v2 kept v1, healthy v1, base v1", "stop c@3"},
      {"retired: the new one is, and starts anew", kBegun, Retire(), "ok",
       "UNCLAIMED v2 new | E:RUNNING a@1 v1 | 1:UNCLAIMED v1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "stop c@3, auction 0 v2"},
      {"its cell evacuates: a replacement with what it had", kBegun, EvacuateRunning("a@1"), "ok",
       "UNCLAIMED v1 +1 | E:RUNNING a@1 v1 new | 1:UNCLAIMED v1", "v2 kept v1, healthy v1, base v1",
       "stop c@3, auction 0 v1"},
      {"its cell is lost: suspect, with a replacement of what it had", kBegun, Pass("3"), "ok",
       "UNCLAIMED v1 new | S:RUNNING a@1 v1 | 1:UNCLAIMED v1", "v2 kept v1, healthy v1, base v1",
       "stop c@3, auction 0 v1"},
      {"its container is gone: the index restarts with what it had", kBegun,
       RemoveEvacuatingActualLrp{KeyOf(0), Instance("a@1")}, "ok",
       "UNCLAIMED v1 +1 | 1:UNCLAIMED v1", "v2 kept v1, healthy v1, base v1",
       "stop c@3, auction 0 v1"},
      {"and rolls once it runs again", "desired v=v2 kept=v1 healthy=v1 base=v1 | CLAIMED d@1 v=v1",
       Start("d@1", "v1"), "ok", "UNCLAIMED v2 new | E:RUNNING d@1 v1 +1",
       "v2 kept v1, healthy v1, base v1, at 0 beside", "auction 0 v2"},
  });
}

TEST_CASE("roll: a new one that was retired cannot end the old one any more", "[bbs][roll]") {
  const State begun = World(ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1");
  const State retired = testing::Run(begun, Retire()).after;
  // It had come up before it heard of it.
  const testing::Result late = testing::Run(retired, Start("c@3", "v2"));
  CHECK(testing::Words(late.outcome.status) == "ActualLRPCannotBeStarted");
  CHECK(testing::Rows(late.after) == "UNCLAIMED v2 new | E:RUNNING a@1 v1");
  CHECK(testing::Words(testing::Run(retired, Claim("c@3", "v2")).outcome.status) ==
        "ActualLRPCannotBeClaimed");
  CHECK(testing::Rows(testing::Run(retired, Start("d@3", "v2")).after) == "RUNNING d@3 v2 new +1");
}

TEST_CASE("roll: an old one that is evacuated serves on", "[bbs][roll]") {
  const State state = World(ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1");
  CHECK(testing::Run(state, EvacuateRunning("a@1")).outcome.keep_container);
  CHECK_FALSE(testing::Run(state, EvacuateRunning("c@3")).outcome.keep_container);
}

TEST_CASE("roll: another definition during a roll, cancelling and rolling back", "[bbs][roll]") {
  VerifyRolls({
      {"another one, and scaled away where it stands: both go",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:UNCLAIMED v=v1", UpdateTo("v3", 0),
       "ok", "RUNNING a@1 v1", "v3 kept v2 v1, healthy v3", "stop c@3, stop a@1"},
      {"another one: the one that does not run yet goes",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 v=v1", UpdateTo("v3"),
       "ok", "UNCLAIMED v3 new | E:RUNNING a@1 v1 | 1:RUNNING b@2 v1",
       "v3 kept v2 v1, healthy v1, base v1, at 0 beside", "stop c@3, auction 0 v3"},
      {"another one: every older one is replaced in turn",
       "desired=2 v=v2 kept=v1 healthy=v2 base=v1 at=1 beside | RUNNING c@3 v=v2 | 1:UNCLAIMED "
       "v=v2 "
       "| 1E:RUNNING b@2 v=v1",
       UpdateTo("v3"), "ok", "UNCLAIMED v3 new | E:RUNNING c@3 v2 | 1:RUNNING b@2 v1",
       "v3 kept v2 v1, healthy v2, base v2, at 0 beside", "auction 0 v3"},
      {"another one: what waits elsewhere for one that never ran, waits for the healthy one",
       "desired=2 v=v3 kept=v2,v1 healthy=v1 base=v1 | CLAIMED c@3 v=v1 | 1:UNCLAIMED v=v2 "
       "error=full",
       UpdateTo("v4"), "ok", "CLAIMED c@3 v1 | 1:UNCLAIMED v4 +1",
       "v4 kept v3 v2 v1, healthy v1, base v1, at 1", "auction 1 v4"},
      {"another one: and where the roll stands at another index",
       "desired=2 v=v3 kept=v2,v1 healthy=v1 base=v1 | RUNNING a@1 v=v1 | 1:UNCLAIMED v=v2 "
       "error=full",
       UpdateTo("v4"), "ok", "UNCLAIMED v4 new | E:RUNNING a@1 v1 | 1:UNCLAIMED v1 +1",
       "v4 kept v3 v2 v1, healthy v1, base v1, at 0 beside", "auction 0 v4, auction 1 v1"},
      {"cancel: none of it ran",
       ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1 | 1:RUNNING b@2 "
               "v=v1",
       Cancel(), "ok", "RUNNING a@1 v1 | 1:RUNNING b@2 v1", "v1 kept v2, healthy v1", "stop c@3"},
      {"cancel: what runs of it is replaced",
       "desired=2 v=v2 kept=v1 healthy=v2 base=v1 at=1 beside | RUNNING c@3 v=v2 | 1:UNCLAIMED "
       "v=v2 "
       "| 1E:RUNNING b@2 v=v1",
       Cancel(), "ok", "UNCLAIMED v1 new | E:RUNNING c@3 v2 | 1:RUNNING b@2 v1",
       "v1 kept v2, healthy v1, base v2, at 0 beside", "auction 0 v1"},
      {"cancel: no roll is under way", "desired v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v2",
       Cancel(), "ResourceConflict", "RUNNING a@1 v2", "v2 kept v1, healthy v2"},
      {"cancel: missing", "", Cancel(), "ResourceNotFound", "", ""},
      {"roll back", "desired=2 v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v2 | 1:RUNNING b@2 v=v2",
       RollBack("v1"), "ok", "UNCLAIMED v1 new | E:RUNNING a@1 v2 | 1:RUNNING b@2 v2",
       "v1 kept v2, healthy v2, base v2, at 0 beside", "auction 0 v1"},
      {"roll back: said again", "desired v=v1 kept=v2 | RUNNING a@1 v=v1", RollBack("v1"), "ok",
       "RUNNING a@1 v1", "v1 kept v2"},
      {"roll back: not kept", "desired v=v2 kept=v1 | RUNNING a@1 v=v2", RollBack("v0"),
       "ResourceNotFound", "RUNNING a@1 v2", "v2 kept v1"},
      {"roll back: missing", "", RollBack("v1"), "ResourceNotFound", "", ""},
  });
}

TEST_CASE("roll: neither cancelled nor rolled back once the LRP has moved on from what was read",
          "[bbs][roll]") {
  const State state = World(ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1");
  const ModificationTag now = state.FindDesired(kWeb)->tag;
  const ModificationTag before{now.epoch, now.index - 1};
  const ModificationTag of_another{"another", now.index};
  struct TagRow {
    const char* rule;
    Command call;
    const char* status;
  };
  const TagRow rows[] = {
      {"cancel, as read", CancelDesiredLrpUpdate{kWeb, now}, "ok"},
      {"cancel, changed since", CancelDesiredLrpUpdate{kWeb, before}, "ResourceConflict"},
      {"cancel, created anew since", CancelDesiredLrpUpdate{kWeb, of_another}, "ResourceConflict"},
      {"roll back, as read", RollBackDesiredLrp{kWeb, "v1", now}, "ok"},
      {"roll back, changed since", RollBackDesiredLrp{kWeb, "v1", before}, "ResourceConflict"},
      {"roll back to the active one, changed since", RollBackDesiredLrp{kWeb, "v2", before},
       "ResourceConflict"},
      {"roll back to what is not kept, changed since", RollBackDesiredLrp{kWeb, "v0", before},
       "ResourceConflict"},
  };
  for (const TagRow& row : rows) {
    INFO(row.rule);
    const testing::Result result = testing::Run(state, row.call);
    CHECK(testing::Words(result.outcome.status) == row.status);
    if (result.outcome.status.ok()) continue;
    CHECK_THAT(std::string(result.outcome.status.message()),
               Catch::Contains("at modification tag ") && Catch::Contains(" as expected"));
    CHECK(result.outcome.changes.empty());
  }
}

TEST_CASE("roll: the definitions kept are those in use and the newest few", "[bbs][roll]") {
  State state = World("desired v=v0 | RUNNING a@1 v=v0");
  for (int i = 1; i <= 8; ++i) {
    const std::string id = absl::StrCat("v", i);
    state = testing::Run(state, UpdateTo(id.c_str())).after;
    state = testing::Run(state, Start(absl::StrCat("i", i, "@1").c_str(), id.c_str())).after;
  }
  CHECK(testing::RollWords(state) == "v8 kept v7 v6 v5 v4 v3, healthy v8");

  UpdateDesiredLrp large{kWeb, {}};
  large.update.definition = Definition("large");
  large.update.definition->run_info = Opaque(std::string(kMostKeptBytes, 'x'));
  state = testing::Run(state, large).after;
  const testing::Result refused = testing::Run(state, UpdateTo("v9"));
  CHECK(testing::Words(refused.outcome.status) == "InvalidRequest");
  CHECK(refused.outcome.changes.empty());
}

TEST_CASE("roll: clients are told of the LRP's change once, and of no progress", "[bbs][roll]") {
  const auto events = [](const char* world, const Command& call) {
    return testing::Words(EventsOf(testing::Run(World(world), call).outcome.changes));
  };
  CHECK(
      events("desired v=v1 | RUNNING a@1 v=v1", UpdateTo("v2")) ==
      "changed RUNNING a@1 v1 -> E:RUNNING a@1 v1, desired changed x1 -> x1, created UNCLAIMED v2");
  CHECK(events("desired v=v2 kept=v1 healthy=v1 base=v1 at=0 beside | CLAIMED b@2 v=v2 | E:RUNNING "
               "a@1 v=v1",
               Start("b@2", "v2")) ==
        "changed CLAIMED b@2 v2 -> RUNNING b@2 v2, removed E:RUNNING a@1 v1");
}

}  // namespace diego::bbs
