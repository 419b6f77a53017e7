// Our cell, auctioneer and route-emitter, with the bbs_address of an original's file, work for a
// BBS that they can reach by the original's HTTP API alone: ours plays it, of which nobody is told
// the port of gRPC.
#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "integration/compat/peers/peers.h"
#include "integration/harness/eventually.h"
#include "integration/harness/process.h"
#include "libs/wire/json.h"
#include "libs/wire/task.h"
#include "proto/models/task.pb.h"

namespace diego::compat {
namespace {

// A task whose process ends well after writing its result.
Task Sum(const std::string& task_guid) {
  models::Task message;
  REQUIRE_OK(wire::FromJson(
      R"({"task_guid":")" + task_guid +
          R"(","domain":"suite","rootfs":"preloaded:busybox","memory_mb":16,"disk_mb":16,)"
          R"("log_guid":"t","metrics_guid":"t","result_file":"/tmp/result","action":{"run":{)"
          R"("path":"/bin/sh","args":["-c","echo $((6*7)) > /tmp/result"],"user":"vcap"}}})",
      &message));
  auto task = wire::FromProto(message);
  REQUIRE_OK(task.status());
  return *task;
}

void WaitForEndpoints(harness::Cluster& cluster, const std::string& hostname, size_t count) {
  REQUIRE_OK(harness::Eventually(absl::StrCat(count, " endpoints"), kPatience, [&]() {
    const size_t now = cluster.router().Endpoints(hostname).size();
    return now == count ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("they are ", now));
  }));
}

TEST_CASE("compat: a BBS that speaks the original's HTTP has our services work for it",
          "[compat]") {
  suite::Deployment deployment({});
  harness::Cluster& cluster = deployment.cluster();
  const std::string url = "https://" + cluster.Find("bbs-1").http_address;
  for (const char* name : {"cell-1", "auctioneer", "route-emitter"}) {
    Reconfigure(cluster, name, absl::StrCat(R"({"bbs_address":")", url, R"("})"));
  }
  REQUIRE_OK(cluster.StartAll());

  // Instances run, are routed, are added to and go; the route-emitter hears of it by events.
  // A fresh domain, or the emitter would keep its routes over the empty list at the end.
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  REQUIRE_OK(cluster.bbs().DesireLrp(suite::MakeWebApp("web", "web.test", 1)));
  REQUIRE_OK(cluster.WaitRunning(ProcessGuid("web"), 1, kPatience).status());
  WaitForEndpoints(cluster, "web.test", 1);
  DesiredLrpUpdate update;
  update.instances = 2;
  REQUIRE_OK(cluster.bbs().UpdateDesiredLrp(ProcessGuid("web"), update));
  REQUIRE_OK(cluster.WaitRunning(ProcessGuid("web"), 2, kPatience).status());
  WaitForEndpoints(cluster, "web.test", 2);

  // A task runs to its end.
  REQUIRE_OK(cluster.bbs().DesireTask(Sum("sum")));
  REQUIRE_OK(harness::Eventually("the task to complete", kPatience, [&]() -> absl::Status {
    const auto task = cluster.bbs().TaskByGuid(TaskGuid("sum"));
    if (!task.ok()) return task.status();
    if (task->state != TaskState::kCompleted) return absl::NotFoundError("not yet");
    CHECK_FALSE(task->failed);
    CHECK(task->result == "42\n");
    return absl::OkStatus();
  }));

  // cfdot sees and changes, too.
  const auto cfdot = [&](std::vector<std::string> words) {
    const std::filesystem::path bbs = cluster.Find("bbs-1").argv[0];
    words.insert(words.begin(), bbs.parent_path() / "cfdot");
    words.insert(words.end(), {"--bbsURL", url});
    return harness::RunCommand(words, kPatience, cluster.CfdotEnvironment());
  };
  const auto listed = cfdot({"actual-lrps", "-p", "web"});
  REQUIRE_OK(listed.status());
  CHECK_THAT(*listed, Catch::Contains(R"("state":"RUNNING")"));
  REQUIRE_OK(cfdot({"delete-task", "sum"}).status());
  CHECK(absl::IsNotFound(cluster.bbs().TaskByGuid(TaskGuid("sum")).status()));

  // The BBS goes and comes back; the cell and the route-emitter go on with it.
  REQUIRE_OK(cluster.KillHard("bbs-1"));
  REQUIRE_OK(cluster.Start("bbs-1"));
  REQUIRE_OK(
      harness::Eventually("the BBS", kPatience, [&] { return cluster.ActiveBbs().status(); }));
  REQUIRE_OK(cluster.bbs().RemoveDesiredLrp(ProcessGuid("web")));
  REQUIRE_OK(cluster.WaitRunning(ProcessGuid("web"), 0, kPatience).status());
  WaitForEndpoints(cluster, "web.test", 0);
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::compat
