#include "services/bbs/core/state.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {

using testing::kJob;
using testing::kWeb;
using testing::World;

TEST_CASE("state: finds what was applied and forgets what was removed", "[bbs][state]") {
  State state = World("desired | RUNNING a@1 | E:RUNNING b@2 | task Running 1 | fresh");
  CHECK(state.FindDesired(kWeb)->instances == 1);
  CHECK(state.actual_lrp_row_count() == 2);
  const auto rows = state.FindActuals(kWeb, 0);
  CHECK(rows.ordinary()->instance == testing::Instance("a@1"));
  CHECK(rows.evacuating()->instance == testing::Instance("b@2"));
  CHECK(rows.suspect() == nullptr);
  CHECK(state.FindTask(kJob)->cell_id == CellId("1"));
  CHECK(state.FindDomain(testing::kApps) != nullptr);

  state.Apply(Disappears(rows.ordinary()));
  state.Apply(Disappears(rows.evacuating()));
  state.Apply(Disappears(state.FindTask(kJob)));
  CHECK(state.actual_lrps().empty());
  CHECK(state.actual_lrp_row_count() == 0);
  CHECK(state.FindTask(kJob) == nullptr);
}

TEST_CASE("state: knows the rows and tasks of a cell as they move", "[bbs][state]") {
  State state = World("CLAIMED a@1 | 1:RUNNING b@1 | task Pending");
  CHECK(state.ActualsOnCell(CellId("1")).size() == 2);
  CHECK(state.TasksOnCell(CellId("1")).empty());
  const Record<ActualLrp> row = state.FindActual({kWeb, 0});
  ActualLrp moved = *row;
  moved.instance = testing::Instance("c@2");
  state.Apply(Becomes(row, moved));
  CHECK(state.ActualsOnCell(CellId("1")).size() == 1);
  CHECK(state.ActualsOnCell(CellId("2")).count({kWeb, 0, Presence::kOrdinary}) == 1);
  const Record<Task> pending = state.FindTask(kJob);
  Task running = *pending;
  running.state = TaskState::kRunning;
  running.cell_id = CellId("1");
  state.Apply(Becomes(pending, running));
  CHECK(state.TasksOnCell(CellId("1")).count(kJob) == 1);
  state.Apply(Becomes(state.FindTask(kJob), *pending));
  CHECK(state.TasksOnCell(CellId("1")).empty());
}

}  // namespace diego::bbs
