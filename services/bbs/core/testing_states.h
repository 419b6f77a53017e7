// The words that tests of the core tables are written in: states, calls and what came of them, each
// on one line. Everything is about the process "web" in the domain "apps", at kNow.
//
// A world is a list of rows and words, separated by " | ":
//   STATE [INSTANCE@CELL] [key=value…]   the ordinary row of index 0, as "RUNNING a@1", in which
//                                        age= is how long ago `since` was ("6m"), crashes= its
//                                        count, routes= its internal route, domain=, net=, error=
//   E:… S:… 1:… 1S:…                     the evacuating, the suspect row; rows of other indices
//   desired[=N] [strategy=recreate] [routes=HOST] [POLICY]   the desired LRP with N (1) instances
//   fresh, expired, forever [POLICY]     the domain's row: for another hour, until a second ago, …
//   POLICY: immediate=, seconds=, attempts=   its crash restart policy
// A row runs, or waits to run, the definition v=ID; the desired LRP's active one is v=ID, others
// are kept=ID,ID, and a roll is told by healthy=ID base=ID at=INDEX [beside] for=AGE
// given-up=INDEX@AGE.
//   task PENDING [CELL] [age=, updated=, completed=, rejected=N, callback]   the task "job"
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/bbs/core/event.h"
#include "services/bbs/core/execute.h"
#include "services/bbs/core/group_event.h"

namespace diego::bbs::testing {

inline const absl::Time kNow = absl::FromUnixSeconds(1700000000);
inline const ProcessGuid kWeb("web");
inline const Domain kApps("apps");
inline const TaskGuid kJob("job");
// Rows made from words have this epoch and index; a row with another epoch is new.
inline constexpr char kOldEpoch[] = "old-epoch";
inline constexpr uint32_t kOldTagIndex = 5;

State StateWith(const Changes& changes);
State World(absl::string_view words);
DesiredLrp Web(int32_t instances);

InstanceKey Instance(absl::string_view instance_at_cell);  // "a@1"
ActualLrpKey KeyOf(int32_t index);
InstanceFacts FactsOf(absl::string_view instance_at_cell, int32_t index = 0);
// "1 2": the cells 1 and 2; "?": not known.
std::shared_ptr<const std::set<CellId>> Cells(absl::string_view cells);

// The rows of the state as words, in key order: "UNCLAIMED +1 | S:RUNNING a@1". Behind a row stands
// "new" when its epoch is new, "+1" when its tag went on by one. Words for desired LRPs, domains
// and tasks follow when `all` is set.
std::string Rows(const State& state);
std::string Tasks(const State& state);
// How the roll of the desired LRP stands: "v2 kept v1, healthy v1, base v1, at 0 beside".
std::string RollWords(const State& state);
LrpDefinition Definition(absl::string_view id);
std::string Row(const ActualLrp& lrp);
// "created UNCLAIMED, removed RUNNING a@1, changed A -> B, crashed a@1 x2, task …, desired …".
std::string Words(const std::vector<Event>& events);
// Likewise, of the group stream.
std::string Words(const std::vector<GroupEvent>& events);
// The group events of one command's changes in a state.
std::vector<GroupEvent> GroupEventsIn(const State& before, const Changes& changes);
// "auction 0 1, auction 0 v2, stop a@1, update a@1, auction-task, cancel 1, callback".
std::string Words(const std::vector<Effect>& effects);
// "ok", or the Diego error's name.
std::string Words(const absl::Status& status);

// What executing a command in a world came to, its changes applied.
struct Result {
  Outcome outcome;
  State after;
};
Result Run(const State& state, const Command& command, absl::Time now = kNow, uint64_t seed = 1);

// One row of a table of the reference, and the test of it.
struct TableRow {
  const char* rule;  // the reference's row
  const char* world;
  Command call;
  const char* status;
  const char* after;
  const char* events;
  const char* effects = "";
  bool keep_container = false;
};
void Verify(const TableRow& row);

}  // namespace diego::bbs::testing
