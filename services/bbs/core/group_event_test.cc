// Table of reference/behaviours.md section 3, group stream: each row as the call that brings it
// about, told on both streams.
#include "services/bbs/core/group_event.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::FactsOf;
using testing::Instance;
using testing::KeyOf;
using testing::kWeb;
using testing::World;

Command Claim(const char* instance) { return ClaimActualLrp{kWeb, 0, Instance(instance)}; }
Command Start(const char* instance) { return StartActualLrp{FactsOf(instance)}; }
Command Crash(const char* instance) { return CrashActualLrp{KeyOf(0), Instance(instance), "boom"}; }
Command Remove(const char* instance) { return RemoveActualLrp{kWeb, 0, Instance(instance)}; }
Command Evacuate(const char* instance) { return EvacuateRunningActualLrp{FactsOf(instance)}; }
Command Pass(const char* cells) { return Converge{Cells(cells), {}, {}, 1000}; }

struct Row {
  const char* rule;
  const char* world;
  Command call;
  const char* instances;
  const char* groups;
};

}  // namespace

TEST_CASE("group events: every row of the table", "[bbs][event]") {
  const Row rows[] = {
      {"row appears", "", Start("a@1"), "created RUNNING a@1", "created RUNNING a@1"},
      {"row disappears", "RUNNING a@1", Remove("a@1"), "removed RUNNING a@1",
       "removed RUNNING a@1"},
      {"UNCLAIMED→CLAIMED", "UNCLAIMED", Claim("a@1"), "changed UNCLAIMED -> CLAIMED a@1",
       "changed UNCLAIMED -> CLAIMED a@1"},
      {"UNCLAIMED→RUNNING", "UNCLAIMED", Start("a@1"), "changed UNCLAIMED -> RUNNING a@1",
       "changed UNCLAIMED -> RUNNING a@1"},
      {"CLAIMED→RUNNING", "CLAIMED a@1", Start("a@1"), "changed CLAIMED a@1 -> RUNNING a@1",
       "changed CLAIMED a@1 -> RUNNING a@1"},
      {"CLAIMED→RUNNING by another", "CLAIMED a@1", Start("b@2"),
       "changed CLAIMED a@1 -> RUNNING b@2", "changed CLAIMED a@1 -> RUNNING b@2"},
      {"RUNNING→CLAIMED", "RUNNING a@1", Claim("a@1"), "changed RUNNING a@1 -> CLAIMED a@1",
       "changed RUNNING a@1 -> CLAIMED a@1"},
      {"same-key update", "RUNNING a@1 net=10.9.9.9", Start("a@1"),
       "changed RUNNING a@1 -> RUNNING a@1", "changed RUNNING a@1 -> RUNNING a@1"},
      {"presence change (same key)", "desired | RUNNING a@1", Pass(""),
       "changed RUNNING a@1 -> S:RUNNING a@1, created UNCLAIMED",
       "changed RUNNING a@1 -> S:RUNNING a@1"},
      {"presence change back", "desired | UNCLAIMED | S:RUNNING a@1", Pass("1"),
       "changed S:RUNNING a@1 -> RUNNING a@1, removed UNCLAIMED",
       "changed S:RUNNING a@1 -> RUNNING a@1"},
      {"not-UNCLAIMED → UNCLAIMED (unclaim)", "desired | CLAIMED a@1",
       EvacuateClaimedActualLrp{KeyOf(0), Instance("a@1")},
       "created UNCLAIMED, removed CLAIMED a@1", "changed CLAIMED a@1 -> UNCLAIMED"},
      {"UNCLAIMED → UNCLAIMED (Fail)", "UNCLAIMED", FailActualLrp{KeyOf(0), "full"},
       "changed UNCLAIMED -> UNCLAIMED", "changed UNCLAIMED -> UNCLAIMED"},
      {"to CRASHED", "desired | RUNNING a@1 crashes=2", Crash("a@1"),
       "crashed a@1 x3, changed RUNNING a@1 -> CRASHED",
       "crashed a@1 x3, changed RUNNING a@1 -> CRASHED"},
      {"crash with immediate restart", "desired | RUNNING a@1", Crash("a@1"),
       "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1",
       "crashed a@1 x1, changed RUNNING a@1 -> UNCLAIMED"},
      {"instance key replaced in the resolved slot (suspect→ordinary)",
       "desired | CLAIMED b@2 | S:RUNNING a@1", Start("b@2"),
       "changed CLAIMED b@2 -> RUNNING b@2, removed S:RUNNING a@1",
       "created RUNNING b@2, removed S:RUNNING a@1"},
      {"instance key replaced in the resolved slot (ordinary→suspect)",
       "desired | RUNNING b@2 | S:CLAIMED a@1", Pass(""), "created UNCLAIMED, removed RUNNING b@2",
       "created S:CLAIMED a@1, removed RUNNING b@2"},
      {"evacuation of ordinary RUNNING", "desired | RUNNING a@1", Evacuate("a@1"),
       "changed RUNNING a@1 -> E:RUNNING a@1, created UNCLAIMED",
       "created E:RUNNING a@1, changed RUNNING a@1 -> UNCLAIMED"},
      {"no difference", "RUNNING a@1", Start("a@1"), "", ""},
      {"no difference in the resolved slot: the replacement is claimed",
       "desired | UNCLAIMED | S:RUNNING a@1", Claim("b@2"), "changed UNCLAIMED -> CLAIMED b@2", ""},
      {"no difference in the resolved slot: the replacement crashes",
       "desired | CLAIMED b@2 | S:RUNNING a@1", Crash("b@2"),
       "crashed b@2 x1, created UNCLAIMED, removed CLAIMED b@2", ""},
      {"no difference in the resolved slot: the extra suspect goes",
       "desired | RUNNING b@2 | S:RUNNING a@1", Pass("1 2"), "removed S:RUNNING a@1", ""},
      {"the suspect crashes: its replacement is shown again", "desired | UNCLAIMED | S:RUNNING a@1",
       Crash("a@1"), "removed S:RUNNING a@1", "changed S:RUNNING a@1 -> UNCLAIMED"},
      {"the evacuated instance's replacement runs", "desired | CLAIMED b@2 | E:RUNNING a@1",
       Start("b@2"), "changed CLAIMED b@2 -> RUNNING b@2, removed E:RUNNING a@1",
       "changed CLAIMED b@2 -> RUNNING b@2, removed E:RUNNING a@1"},
      {"evacuating rows: the evacuated instance's cell is gone",
       "desired | UNCLAIMED | E:RUNNING a@1", Pass("2"), "removed E:RUNNING a@1",
       "removed E:RUNNING a@1"},
      {"evacuating rows: likewise, with the replacement running",
       "desired | RUNNING b@2 | E:RUNNING a@1", Pass("2"), "removed E:RUNNING a@1",
       "removed E:RUNNING a@1"},
      {"evacuating rows: likewise, and nothing else is left", "E:RUNNING a@1", Pass("2"),
       "removed E:RUNNING a@1", "removed E:RUNNING a@1"},
      {"desired LRP events are part of the stream", "desired", RemoveDesiredLrp{kWeb},
       "desired removed x1", "desired removed x1"},
      {"task events are not", "task Pending", CancelTask{testing::kJob},
       "task changed Pending -> Completed", ""},
  };
  for (const Row& row : rows) {
    INFO(row.rule << ": " << row.world);
    const State before = World(row.world);
    const Changes changes = testing::Run(before, row.call).outcome.changes;
    CHECK(testing::Words(EventsOf(changes)) == row.instances);
    CHECK(testing::Words(testing::GroupEventsIn(before, changes)) == row.groups);
  }
}

TEST_CASE("group slots: which row is shown, and which stands for the group", "[bbs][event]") {
  struct Slots {
    const char* world;
    const char* instance;
    const char* resolved;
  };
  const Slots rows[] = {
      {"RUNNING b@2 | S:RUNNING a@1", "RUNNING b@2", "RUNNING b@2"},
      {"CLAIMED b@2 | S:RUNNING a@1", "S:RUNNING a@1", "S:RUNNING a@1"},
      {"UNCLAIMED | S:CLAIMED a@1", "S:CLAIMED a@1", "S:CLAIMED a@1"},
      {"CRASHED | S:RUNNING a@1", "S:RUNNING a@1", "S:RUNNING a@1"},
      {"CRASHED", "CRASHED", "CRASHED"},
      {"RUNNING b@2 | E:RUNNING a@1", "RUNNING b@2", "RUNNING b@2"},
      {"CRASHED | E:RUNNING a@1", "CRASHED", "CRASHED"},
      {"CLAIMED b@2 | E:RUNNING a@1", "CLAIMED b@2", "E:RUNNING a@1"},
      {"UNCLAIMED | E:RUNNING a@1", "UNCLAIMED", "E:RUNNING a@1"},
      {"UNCLAIMED", "UNCLAIMED", "UNCLAIMED"},
      {"E:RUNNING a@1", "", "E:RUNNING a@1"},
  };
  const auto words = [](const Record<ActualLrp>& row) {
    return row == nullptr ? "" : testing::Row(*row);
  };
  for (const Slots& row : rows) {
    INFO(row.world);
    const ActualLrpGroup group = GroupOf(World(row.world).FindActuals(kWeb, 0));
    CHECK(words(group.instance) == row.instance);
    CHECK(words(group.Resolve()) == row.resolved);
  }
}

TEST_CASE("group events: one command after the other, as if each had been applied",
          "[bbs][event]") {
  const State before = World("desired | UNCLAIMED | S:RUNNING a@1");
  GroupEvents events([&](const ProcessGuid& process_guid, int32_t index) {
    return before.FindActuals(process_guid, index);
  });
  const auto claimed = testing::Run(before, Claim("b@2"));
  CHECK(events.Of(claimed.outcome.changes).empty());
  const auto started = testing::Run(claimed.after, Start("b@2"));
  CHECK(testing::Words(events.Of(started.outcome.changes)) ==
        "created RUNNING b@2, removed S:RUNNING a@1");
  const auto crashed = testing::Run(
      started.after, CrashActualLrp{KeyOf(0), Instance("b@2"), std::string(2000, 'x')});
  const auto told = events.Of(crashed.outcome.changes);
  CHECK(testing::Words(told) == "crashed b@2 x1, changed RUNNING b@2 -> UNCLAIMED");
  CHECK(std::get<ActualLrpGroupEvent>(told.at(1)).after.instance->crash_reason.size() == 2000);
}

}  // namespace diego::bbs
