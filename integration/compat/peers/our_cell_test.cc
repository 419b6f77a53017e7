// A BBS and an auctioneer of the original, made by hand, drive our cell with real containers.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "integration/compat/peers/peers.h"
#include "integration/harness/eventually.h"

namespace diego::compat {
namespace {

using harness::Store;
using rpc::Role;

// GET /state, until it holds `part` (or, if so wished, does not).
std::string WaitForState(harness::Cluster& cluster, const std::string& part, bool present = true) {
  std::string state;
  REQUIRE_OK(harness::Eventually("the state to show " + part, kPatience, [&]() -> absl::Status {
    const http::RawReply reply =
        Ask(cluster, cluster.Find("cell-1").http_address, Role::kAuctioneer, "GET", "/state");
    if (reply.status != 200) return absl::AbortedError(absl::StrCat("status ", reply.status));
    state = reply.body;
    return absl::StrContains(state, part) == present ? absl::OkStatus()
                                                     : absl::NotFoundError(state);
  }));
  return state;
}

TEST_CASE("compat: the presence of our cell is what the original's reads", "[compat]") {
  suite::Deployment deployment({.store = GENERATE(Store::kSqlite, Store::kMysql)});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1", "cell-1"});
  const auto lease = cluster.locket().Fetch("cell-1");
  REQUIRE_OK(lease.status());
  CHECK(lease->type == clients::LeaseType::kPresence);
  const harness::Member& cell = cluster.Find("cell-1");
  const auto port = [](const std::string& address) { return address.substr(address.rfind(':')); };
  const auto expected = nlohmann::json::parse(absl::StrCat(
      R"({"cell_id":"cell-1","rep_address":"http://127.0.0.1)", port(cell.local_address),
      R"(","rep_url":"https://cell-1.cell.service.cf.internal)", port(cell.http_address),
      R"(","zone":"z1","capacity":{"memory_mb":1024,"disk_mb":4096,"containers":249},)",
      R"("rootfs_provider_list":[{"name":"preloaded","properties":["busybox"]},)",
      R"({"name":"preloaded+layer","properties":["busybox"]}],"annotations":{},)",
      R"("rep_grpc_address":")", cell.address, R"("})"));
  CHECK(nlohmann::json::parse(lease->value) == expected);
  CHECK(lease->value.size() <= 4096);
}

TEST_CASE("compat: an auctioneer and a BBS of the original drive our cell", "[compat]") {
  suite::Deployment deployment({.store = GENERATE(Store::kSqlite, Store::kMysql)});
  harness::Cluster& cluster = deployment.cluster();
  // No auctioneer of ours: nobody but us places work.
  Start(cluster, {"locket", "bbs-1", "cell-1"});
  const std::string cell = cluster.Find("cell-1").http_address;
  REQUIRE_OK(cluster.bbs().DesireLrp(suite::MakeLrp("web", 1, "")));
  const std::string idle = WaitForState(cluster, R"("LRPs":[],"Tasks":[])");
  CHECK_THAT(idle, Catch::Contains(R"("TotalResources":{"MemoryMB":1024,"DiskMB":4096,)"
                                   R"("Containers":249})"));
  CHECK_THAT(idle, Catch::Contains(R"("preloaded":{"type":"fixed_set","set":{"busybox":{}}})"));

  // An instance: handed over, running, updated, stopped.
  const http::RawReply taken =
      Ask(cluster, cell, Role::kAuctioneer, "POST", "/work",
          R"({"LRPs":[{"instance_guid":"","process_guid":"web","index":0,"domain":"suite",)"
          R"("PlacementTags":[],"VolumeDrivers":[],"RootFs":"preloaded:busybox","MemoryMB":16,)"
          R"("DiskMB":16,"MaxPids":0,"state":""}],"Tasks":[],"cell_id":"cell-1"})");
  CHECK(taken.status == 200);
  CHECK(taken.body == R"({"LRPs":null,"Tasks":null})");
  const auto running = cluster.WaitRunning(ProcessGuid("web"), 1, kPatience);
  REQUIRE_OK(running.status());
  const std::string guid = (*running)[0].instance.instance_guid.value();
  const std::string busy = WaitForState(cluster, R"("state":"RUNNING")");
  CHECK_THAT(busy, Catch::Contains(absl::StrCat(
                       R"({"instance_guid":")", guid,
                       R"(","process_guid":"web","index":0,"domain":"suite",)",
                       R"("PlacementTags":null,"VolumeDrivers":null,)",
                       R"("RootFs":"preloaded:busybox","MemoryMB":16,"DiskMB":16,"MaxPids":0,)",
                       R"("state":"RUNNING"})")));
  CHECK_THAT(busy, Catch::Contains(R"("AvailableResources":{"MemoryMB":1008,"DiskMB":4080,)"
                                   R"("Containers":248})"));
  const http::RawReply used = Ask(cluster, cell, Role::kOperator, "GET", "/container_metrics");
  CHECK(used.status == 200);
  const auto metrics = nlohmann::json::parse(used.body);
  REQUIRE(metrics["lrps"].size() == 1);
  CHECK(metrics["lrps"][0]["instance_guid"].get<std::string>() == guid);
  CHECK(metrics["lrps"][0]["memory_quota_bytes"].get<int64_t>() == (16 << 20));

  const std::string instance = "/lrps/web/instances/" + guid;
  const std::string update = absl::StrCat(R"({"instance_guid":")", guid,
                                          R"(","process_guid":"web","index":0,"domain":"suite",)",
                                          R"("internal_routes":[{"hostname":"a.internal"}]})");
  CHECK(Ask(cluster, cell, Role::kBbs, "PUT", "/v1" + instance, update).status == 202);
  CHECK(Ask(cluster, cell, Role::kBbs, "PUT", "/v2" + instance, update).status == 202);
  CHECK(Ask(cluster, cell, Role::kBbs, "POST", "/v1" + instance + "/stop").status == 202);
  WaitForState(cluster, guid, false);
  CHECK(Ask(cluster, cell, Role::kBbs, "POST", "/v1" + instance + "/stop").status == 500);

  // A task: handed over, running, cancelled.
  REQUIRE_OK(cluster.bbs().DesireTask(MakeTask("nap")));
  CHECK(Ask(cluster, cell, Role::kAuctioneer, "POST", "/work",
            R"({"LRPs":null,"Tasks":[{"TaskGuid":"nap","Domain":"suite","PlacementTags":null,)"
            R"("VolumeDrivers":null,"RootFs":"preloaded:busybox","MemoryMB":16,"DiskMB":16,)"
            R"("MaxPids":0,"state":"Invalid","failed":false}]})")
            .status == 200);
  WaitForState(cluster, R"("StartingContainerCount":0)");
  CHECK_THAT(WaitForState(cluster, R"("TaskGuid":"nap")"),
             Catch::Contains(R"("state":"Running","failed":false)"));
  REQUIRE_OK(harness::Eventually("the task to run", kPatience, [&]() -> absl::Status {
    const auto task = cluster.bbs().TaskByGuid(TaskGuid("nap"));
    if (!task.ok()) return task.status();
    return task->state == TaskState::kRunning ? absl::OkStatus() : absl::NotFoundError("not yet");
  }));
  CHECK(Ask(cluster, cell, Role::kBbs, "POST", "/v1/tasks/nap/cancel").status == 202);
  WaitForState(cluster, R"("TaskGuid":"nap")", false);
  CHECK(Ask(cluster, cell, Role::kBbs, "POST", "/v1/tasks/nap/cancel").status == 202);

  // Work for another cell, and what is no work.
  CHECK(Ask(cluster, cell, Role::kAuctioneer, "POST", "/work", R"({"cell_id":"x"})").status == 500);
  CHECK(Ask(cluster, cell, Role::kAuctioneer, "POST", "/work", "{").status == 400);
  CHECK(Ask(cluster, cell, Role::kAuctioneer, "POST", "/sim/reset").status == 500);
}

TEST_CASE("compat: our cell leaves when its machine asks it to", "[compat]") {
  suite::Deployment deployment({});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1", "cell-1"});
  harness::Member& cell = cluster.Find("cell-1");
  CHECK(Ask(cluster, cell.local_address, Role::kOperator, "GET", "/ping").status == 200);
  CHECK(Ask(cluster, cell.http_address, Role::kOperator, "GET", "/ping").status == 404);
  const http::RawReply leaving =
      Ask(cluster, cell.local_address, Role::kOperator, "POST", "/evacuate");
  CHECK(leaving.status == 202);
  CHECK(leaving.body == R"({"ping_path":"/ping"})");
  CHECK(leaving.header("Content-Type") == "application/json");
  CHECK(cell.process->Wait(kPatience) == 0);
  CHECK_FALSE(cluster.locket().Fetch("cell-1").ok());
}

}  // namespace
}  // namespace diego::compat
