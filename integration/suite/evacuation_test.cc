// A cell is told to leave while its apps are in use: everything moves first, nothing is lost.
#include <catch2/catch.hpp>
#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/gap_watch.h"
#include "integration/suite/suite.h"
#include "integration/suite/traffic.h"

namespace diego::suite {
namespace {

const ProcessGuid kApp("moving");
const ProcessGuid kLate("late");
const TaskGuid kJob("job");
constexpr char kHostname[] = "moving.example";
constexpr int kInstances = 4;

absl::StatusOr<Task> WaitForTask(harness::Cluster& cluster, TaskState state) {
  absl::StatusOr<Task> task;
  const absl::Status reached = harness::Eventually(
      absl::StrCat("the task to be ", TaskStateName(state)), kPatience, [&]() -> absl::Status {
        task = cluster.bbs().TaskByGuid(kJob);
        if (!task.ok()) return task.status();
        return task->state == state ? absl::OkStatus()
                                    : absl::NotFoundError(TaskStateName(task->state));
      });
  if (!reached.ok()) return reached;
  return task;
}

TEST_CASE("evacuation: a cell is emptied under load without a gap, and ends by itself", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 1, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  REQUIRE_OK(cluster.StartAll());
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeWebApp(kApp.value(), kHostname, kInstances)));
  const auto before = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(before.status());
  REQUIRE_OK(cluster.bbs().DesireTask(
      MakeTask(kJob.value(), "sleep 6; echo -n $CF_INSTANCE_IP done > /tmp/result")));
  const auto job = WaitForTask(cluster, TaskState::kRunning);
  REQUIRE_OK(job.status());
  const std::string leaving = job->cell_id.value();
  std::map<int32_t, InstanceKey> stay;
  for (const ActualLrp& lrp : *before) {
    if (lrp.instance.cell_id != job->cell_id) stay[lrp.key.index] = lrp.instance;
  }
  REQUIRE(stay.size() == kInstances / 2);

  auto watch = std::make_unique<GapWatch>(deployment.Reconnect().bbs, cluster.router(), kApp,
                                          kHostname, kInstances);
  auto traffic = std::make_unique<Traffic>(cluster.router(), kHostname);
  REQUIRE_OK(deployment.Cfdot({"evacuate-cell", leaving}).status());
  // What is desired meanwhile goes elsewhere.
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeLrp(kLate.value(), 2, "")));
  CHECK(cluster.Find(leaving).process->Wait(kPatience) == 0);

  const auto after = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(after.status());
  for (const ActualLrp& lrp : *after) {
    CHECK(lrp.instance.cell_id != job->cell_id);
    if (stay.count(lrp.key.index)) CHECK(lrp.instance == stay[lrp.key.index]);
  }
  const auto late = cluster.WaitRunning(kLate, 2, kPatience);
  REQUIRE_OK(late.status());
  for (const ActualLrp& lrp : *late) CHECK(lrp.instance.cell_id != job->cell_id);
  // The task was let end where it was.
  const auto ended = WaitForTask(cluster, TaskState::kCompleted);
  REQUIRE_OK(ended.status());
  CHECK(ended->failure_reason == "");
  CHECK(ended->result == "127.0.0.1 done");

  CHECK(watch->InstanceGaps() == std::vector<std::string>());
  CHECK(watch->RouteGaps() == std::vector<std::string>());
  CHECK(watch->revisions() >= kInstances);
  CHECK(traffic->lost() == std::vector<std::string>());
  CHECK(traffic->answered() > 20);
  CHECK_FALSE(cluster.locket().Fetch(leaving).ok());
  const auto stranded =
      ReadMetric(cluster, "bbs-1", "diego_bbs_stranded_evacuating_actual_lrps_total");
  REQUIRE_OK(stranded.status());
  CHECK(*stranded == 0);
  for (const std::string& left : cluster.Leftovers()) {
    CHECK_FALSE(absl::StrContains(left, "/" + leaving + "/"));
  }
  traffic.reset();  // before the router that they look at
  watch.reset();
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
