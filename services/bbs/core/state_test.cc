#include "services/bbs/core/state.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/rows.h"
#include "services/bbs/core/settled.h"
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

TEST_CASE("state: what convergence has to look at though every cell is there", "[bbs][state]") {
  struct Row {
    const char* world;
    std::vector<int32_t> unsettled;
  };
  const Row rows[] = {
      {"desired=2 | RUNNING a@1 | 1:CLAIMED b@1", {}},
      {"desired=3 | RUNNING a@1", {1, 2}},             // missing
      {"desired | RUNNING a@1 | 1:RUNNING b@1", {1}},  // extra
      {"RUNNING a@1", {0}},                            // orphan
      {"desired=2 | UNCLAIMED | 1:CRASHED crashes=9", {0, 1}},
      {"desired | RUNNING a@1 | E:RUNNING b@1", {0}},
      {"desired | RUNNING a@1 | S:RUNNING b@1", {0}},
      {"desired routes=a.internal | RUNNING a@1", {0}},  // drift
      {"desired routes=a.internal | RUNNING a@1 routes=a.internal", {}},
      {"desired | RUNNING a@1 routes=a.internal", {0}},
      {"desired=0", {}},
      {"1S:RUNNING a@1", {1}},
  };
  for (const Row& row : rows) {
    INFO(row.world);
    std::vector<int32_t> unsettled;
    const State state = World(row.world);
    for (const auto& [guid, index] : state.unsettled_lrps()) unsettled.push_back(index);
    CHECK(unsettled == row.unsettled);
  }
  const State state = World("desired=3 routes=a.internal | RUNNING a@1 routes=a.internal");
  const auto after = [&](const DesiredLrpUpdate& update) {
    return testing::Run(state, UpdateDesiredLrp{kWeb, update}).after.unsettled_lrps().size();
  };
  CHECK(state.unsettled_lrps().size() == 2);
  DesiredLrpUpdate scaled;
  scaled.instances = 1;
  CHECK(after(scaled) == 0);
  DesiredLrpUpdate rerouted;
  rerouted.routes = Routes{};
  CHECK(after(rerouted) == 3);
  CHECK(testing::Run(state, RemoveDesiredLrp{kWeb}).after.unsettled_lrps().size() == 1);
}

TEST_CASE("settled: metric tags are those of the instance", "[bbs][state]") {
  DesiredLrp desired = testing::Web(1);
  desired.metric_tags = MetricTags{{"app", {"web", MetricTagValue::Dynamic::kInvalid}},
                                   {"guid", {"", MetricTagValue::Dynamic::kInstanceGuid}},
                                   {"index", {"", MetricTagValue::Dynamic::kIndex}}};
  ActualLrp row = *World("RUNNING a@1").FindActual({kWeb, 0});
  const auto drifts = [&](std::map<std::string, std::string> tags) {
    row.metric_tags = std::move(tags);
    return Drifts(desired, row);
  };
  CHECK_FALSE(drifts({{"app", "web"}, {"guid", "a"}, {"index", "0"}}));
  CHECK(drifts({{"app", "web"}, {"guid", "a"}, {"index", "1"}}));
  CHECK(drifts({{"app", "web"}, {"guid", "b"}, {"index", "0"}}));
  CHECK(drifts({{"app", "old"}, {"guid", "a"}, {"index", "0"}}));
  CHECK(drifts({{"app", "web"}, {"guid", "a"}, {"other", "0"}}));
  CHECK(drifts({{"app", "web"}}));
}

}  // namespace diego::bbs
