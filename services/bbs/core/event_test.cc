// Table of reference/behaviours.md section 3, instance stream.
#include "services/bbs/core/event.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kWeb;
using testing::World;

// The events of the change from one row to another (words; "" = no row).
std::string EventsFrom(const char* before, const char* after) {
  return testing::Words(EventsOf(
      {MakeChange(World(before).FindActual({kWeb, 0}), World(after).FindActual({kWeb, 0}))}));
}

}  // namespace

TEST_CASE("events: one row's change, by the table", "[bbs][event]") {
  struct Row {
    const char* before;
    const char* after;
    const char* events;
  };
  const Row rows[] = {
      {"", "UNCLAIMED", "created UNCLAIMED"},
      {"", "RUNNING a@1", "created RUNNING a@1"},
      {"RUNNING a@1", "", "removed RUNNING a@1"},
      {"UNCLAIMED", "CLAIMED a@1", "changed UNCLAIMED -> CLAIMED a@1"},
      {"UNCLAIMED", "RUNNING a@1", "changed UNCLAIMED -> RUNNING a@1"},
      {"CLAIMED a@1", "RUNNING a@1", "changed CLAIMED a@1 -> RUNNING a@1"},
      {"RUNNING a@1", "CLAIMED a@1", "changed RUNNING a@1 -> CLAIMED a@1"},
      {"RUNNING a@1", "RUNNING a@1 age=1s", "changed RUNNING a@1 -> RUNNING a@1"},
      {"RUNNING a@1", "UNCLAIMED", "created UNCLAIMED, removed RUNNING a@1"},
      {"CLAIMED a@1", "UNCLAIMED", "created UNCLAIMED, removed CLAIMED a@1"},
      {"CRASHED", "UNCLAIMED", "created UNCLAIMED, removed CRASHED"},
      {"UNCLAIMED", "UNCLAIMED error=full", "changed UNCLAIMED -> UNCLAIMED"},
  };
  for (const Row& row : rows) CHECK(EventsFrom(row.before, row.after) == row.events);
}

TEST_CASE("events: a crash is told first, what runs next, then the rest", "[bbs][event]") {
  const State state =
      World("UNCLAIMED | 1:RUNNING a@1 crashes=5 | 2:CLAIMED c@1 | desired | task Pending");
  const auto row = [&](int32_t index) { return state.FindActual({kWeb, index}); };
  ActualLrp running = *row(2);
  running.state = ActualLrpState::kRunning;
  ActualLrp crashed = *row(1);
  crashed.state = ActualLrpState::kCrashed;
  crashed.crash_count = 6;
  const Changes changes = {
      Disappears(state.FindDesired(kWeb)),
      Disappears(row(0)),
      Becomes(row(2), running),
      ActualLrpChange{{row(1), MakeRecord(crashed)}, ActualLrpChange::Cause::kCrash, "boom"},
  };
  CHECK(testing::Words(EventsOf(changes)) ==
        "crashed a@1 x6, changed 2:CLAIMED c@1 -> 2:RUNNING c@1, desired removed x1, "
        "removed UNCLAIMED, changed 1:RUNNING a@1 -> 1:CRASHED a@1");
}

TEST_CASE("events: a move of presence is one changed event", "[bbs][event]") {
  Changes changes;
  const Record<ActualLrp> row = World("RUNNING a@1").FindActual({kWeb, 0});
  ActualLrp suspect = *row;
  suspect.presence = Presence::kSuspect;
  MovePresence(row, suspect, &changes);
  CHECK(testing::Words(EventsOf(changes)) == "changed RUNNING a@1 -> S:RUNNING a@1");
}

TEST_CASE("events: what leaves a row and comes back to it is told in this order", "[bbs][event]") {
  const State state = World("RUNNING a@1 | E:RUNNING a@1");
  const Record<ActualLrp> old = state.FindActuals(kWeb, 0).evacuating();
  const Record<ActualLrp> row = state.FindActual({kWeb, 0});
  ActualLrp moved = *row;
  moved.presence = Presence::kEvacuating;
  Changes changes = {Disappears(old)};
  MovePresence(row, moved, &changes);
  CHECK(testing::Words(EventsOf(changes)) ==
        "removed E:RUNNING a@1, changed RUNNING a@1 -> E:RUNNING a@1");
}

TEST_CASE("events: no change, no event", "[bbs][event]") { CHECK(EventsOf({}).empty()); }

}  // namespace diego::bbs
