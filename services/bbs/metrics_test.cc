#include "services/bbs/metrics.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/engine/converger.h"

namespace diego::bbs {
namespace {

TaskChange From(TaskState before, TaskState after, bool failed = false) {
  const auto row = [&](TaskState state) {
    Task task;
    task.state = state;
    task.failed = failed;
    return std::make_shared<const Task>(task);
  };
  return {row(before), row(after)};
}

TEST_CASE("metrics: a task starts and ends once, however often its callback is lost",
          "[bbs][metrics]") {
  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  using S = TaskState;
  const Changes changes = {
      TaskChange{nullptr, From(S::kPending, S::kPending).after},
      From(S::kPending, S::kRunning),
      From(S::kRunning, S::kCompleted),
      From(S::kCompleted, S::kResolving),
      From(S::kResolving, S::kCompleted),
      From(S::kPending, S::kCompleted, true),
      From(S::kResolving, S::kCompleted, true),
      TaskChange{From(S::kCompleted, S::kCompleted).after, nullptr},
  };
  metrics.BatchCommitted(3, changes, absl::Milliseconds(1));
  const std::string text = registry.Text();
  for (const char* name : {"started", "succeeded", "failed"}) {
    CHECK_THAT(text, Catch::Contains(absl::StrCat("diego_bbs_tasks_", name, "_total 1\n")));
  }
}

void CheckValue(const metrics::Registry& registry, const std::string& name, int64_t value) {
  CHECK_THAT(registry.Text(),
             Catch::Contains(absl::StrCat("\ndiego_bbs_", name, " ", value, "\n")));
}

TEST_CASE("metrics: what a pass of convergence counted is told, each under its own name",
          "[bbs][metrics]") {
  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  ConvergenceCounts counts;
  counts.lrps_desired = 101;
  counts.lrps_unclaimed = 102;
  counts.lrps_claimed = 103;
  counts.lrps_running = 104;
  counts.lrps_crashed = 105;
  counts.crashing_desired_lrps = 106;
  counts.lrps_missing = 107;
  counts.lrps_extra = 108;
  counts.suspect_running = 109;
  counts.suspect_claimed = 110;
  counts.suspect_cells = 111;
  counts.tasks_pending = 112;
  counts.tasks_running = 113;
  counts.tasks_completed = 114;
  counts.tasks_resolving = 115;
  counts.tasks_pruned = 116;
  counts.tasks_kicked = 117;
  counts.fresh_domains = 118;
  metrics.ConvergencePassed(absl::Seconds(7), counts);
  CheckValue(registry, "lrps_desired_count", 101);
  CheckValue(registry, "lrps_unclaimed_count", 102);
  CheckValue(registry, "lrps_claimed_count", 103);
  CheckValue(registry, "lrps_running_count", 104);
  CheckValue(registry, "crashed_actual_lrps_count", 105);
  CheckValue(registry, "crashing_desired_lrps_count", 106);
  CheckValue(registry, "lrps_missing_count", 107);
  CheckValue(registry, "lrps_extra_count", 108);
  CheckValue(registry, "suspect_running_actual_lrps_count", 109);
  CheckValue(registry, "suspect_claimed_actual_lrps_count", 110);
  CheckValue(registry, "suspect_cells_count", 111);
  CheckValue(registry, "tasks_pending_count", 112);
  CheckValue(registry, "tasks_running_count", 113);
  CheckValue(registry, "tasks_completed_count", 114);
  CheckValue(registry, "tasks_resolving_count", 115);
  CheckValue(registry, "convergence_tasks_pruned_total", 116);
  CheckValue(registry, "convergence_tasks_kicked_total", 117);
  CheckValue(registry, "fresh_domains_count", 118);
  CheckValue(registry, "convergence_seconds_sum", 7);

  // The next pass: what it sees takes the place of that, what it did is added.
  metrics.ConvergencePassed(absl::Seconds(1), counts);
  CheckValue(registry, "lrps_desired_count", 101);
  CheckValue(registry, "convergence_tasks_pruned_total", 232);
  CheckValue(registry, "convergence_tasks_kicked_total", 234);
}

TEST_CASE("metrics: rows that cannot be read, a change of keys, cells held, stranded instances",
          "[bbs][metrics]") {
  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  metrics.Quarantined(3);
  CheckValue(registry, "quarantined_rows_count", 3);
  metrics.Quarantined(2);
  CheckValue(registry, "quarantined_rows_count", 2);

  metrics.Resealing(true, 11, 12, 13, absl::Seconds(14));
  CheckValue(registry, "encryption_state", 1);
  CheckValue(registry, "encryption_rows_left_count", 11);
  CheckValue(registry, "encrypted_rows_count", 12);
  CheckValue(registry, "encryption_unreadable_rows_count", 13);
  CheckValue(registry, "encryption_seconds", 14);
  metrics.Resealing(false, 11, 12, 13, absl::Seconds(14));
  CheckValue(registry, "encryption_state", 0);
  CheckValue(registry, "encryption_rows_left_count", 0);
  CheckValue(registry, "encryption_unreadable_rows_count", 13);

  metrics.CellsSeen(21, 22, true);
  CheckValue(registry, "present_cells_count", 21);
  CheckValue(registry, "held_cells_count", 22);
  CheckValue(registry, "cell_losses_held_state", 1);
  metrics.CellsSeen(21, 22, false);
  CheckValue(registry, "cell_losses_held_state", 0);

  metrics.EvacuationsStranded(31);
  metrics.EvacuationsStranded(2);
  CheckValue(registry, "stranded_evacuating_actual_lrps_total", 33);
}

// No cell is known.
class NoCells final : public LiveCells {
 public:
  Seen Get() const override { return {}; }
  void Expect(const std::set<CellId>&) override {}
};

TEST_CASE("metrics: a stranded evacuating instance is counted, and named in the log",
          "[bbs][metrics]") {
  std::vector<std::string> lines;
  log::Options options;
  options.component = "bbs";
  options.sink = [&](absl::string_view line) { lines.emplace_back(line); };
  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  const EngineSettings settings;
  const FakeClock clock;
  const NoCells cells;
  std::vector<Call> slices;
  Converger converger(
      settings, clock, log::Logger(options), cells,
      [&](Call call) {
        slices.push_back(std::move(call));
        return absl::OkStatus();
      },
      &metrics);
  converger.Poke();
  converger.Step(absl::ZeroDuration());
  REQUIRE(slices.size() == 1);
  lines.clear();
  ActualLrp lrp;
  lrp.key = {ProcessGuid("web"), 7, Domain("apps")};
  lrp.instance = {InstanceGuid("i-1"), CellId("cell-9")};
  Reply reply;
  reply.stranded.push_back(MakeRecord(lrp));
  slices[0].reply(reply);
  converger.Step(absl::ZeroDuration());
  CheckValue(registry, "stranded_evacuating_actual_lrps_total", 1);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::Contains("converge-lrps.removing-stranded-evacuating-actual-lrp\""));
  for (const char* datum : {R"("process_guid":"web")", R"("index":7)", R"("instance_guid":"i-1")",
                            R"("cell_id":"cell-9")"}) {
    CHECK_THAT(lines[0], Catch::Contains(datum));
  }
}

}  // namespace
}  // namespace diego::bbs
