// Our BBS and auctioneer drive a cell and an auctioneer of the original, which servers made by hand
// play from reference/rep-auctioneer-http-api.md and locket-grpc-api.md.
#include <catch2/catch.hpp>
#include <regex>
#include <string>

#include "absl/strings/str_cat.h"
#include "integration/compat/peers/peers.h"
#include "integration/harness/eventually.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/locket_client.h"
#include "proto/models/task.pb.h"

namespace diego::compat {
namespace {

// Without the key that is ours: the original's decoders pass over what they do not know.
std::string AsTheOriginalReads(const std::string& body) {
  static const std::regex kOurs(R"re(,"definition_id":"[^"]*")re");
  return std::regex_replace(body, kOurs, "");
}

using harness::Store;
using rpc::Role;
using Answer = rpc::HttpPeer::Answer;
using Asked = rpc::HttpPeer::Asked;

const CellId kCell("original-1");

constexpr char kState[] =
    R"({"rep_url":"","cell_id":"original-1","cell_index":0,"RootFSProviders":)"
    R"({"docker":{"type":"arbitrary"},"preloaded":{"type":"fixed_set","set":{"busybox":{}}}},)"
    R"("AvailableResources":{"MemoryMB":4096,"DiskMB":4096,"Containers":100},)"
    R"("TotalResources":{"MemoryMB":4096,"DiskMB":4096,"Containers":100},"LRPs":[],"Tasks":[],)"
    R"("StartingContainerCount":0,"Zone":"z1","Evacuating":false,"VolumeDrivers":[],)"
    R"("PlacementTags":[],"OptionalPlacementTags":[],"ProxyMemoryAllocationMB":0})";

// As a rep of 2022, which has no v2.
Answer AnswerAsRep(const Asked& asked) {
  if (asked.line() == "GET /state") return {200, kState};
  if (asked.line() == "POST /work") return {200, R"({"LRPs":null,"Tasks":null})"};
  return {asked.path.rfind("/v1/", 0) == 0 ? 202 : 404};
}

// Puts the presence that a rep of the original writes into Locket.
void Register(harness::Cluster& cluster, const rpc::TlsFiles& tls, const std::string& url) {
  clients::ConnectionOptions options;
  options.addresses = {cluster.Find("locket").address};
  options.tls = tls;
  auto locket = clients::LocketClient::Create(options);
  REQUIRE_OK(locket.status());
  const std::string value = absl::StrCat(
      R"({"cell_id":"original-1","rep_address":"http://10.0.0.9:1800","zone":"z1","capacity":)",
      R"({"memory_mb":4096,"disk_mb":4096,"containers":100},"rootfs_provider_list":)",
      R"([{"name":"preloaded","properties":["busybox"]},{"name":"docker"}],"rep_url":")", url,
      R"("})");
  const clients::Lease lease{kCell.value(), "an-owner", value, clients::LeaseType::kPresence};
  REQUIRE_OK((*locket)->Lock(lease, absl::Seconds(600)).status());
  REQUIRE_OK(harness::Eventually("the cell to be listed", kPatience, [&]() -> absl::Status {
    const auto cells = cluster.bbs().Cells();
    if (!cells.ok()) return cells.status();
    return cells->size() == 1 ? absl::OkStatus() : absl::NotFoundError("not yet");
  }));
}

std::unique_ptr<clients::BbsClient> BbsAs(harness::Cluster& cluster, const rpc::TlsFiles& tls) {
  clients::ConnectionOptions options;
  options.addresses = {cluster.Find("bbs-1").address};
  options.tls = tls;
  auto bbs = clients::BbsClient::Create(options);
  REQUIRE_OK(bbs.status());
  return *std::move(bbs);
}

TEST_CASE("compat: our auctioneer and BBS drive a cell of the original", "[compat]") {
  suite::Deployment deployment({.store = GENERATE(Store::kSqlite, Store::kMysql)});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1", "auctioneer"});
  const auto tls = cluster.TlsFor(Role::kRep, kCell);
  REQUIRE_OK(tls.status());
  rpc::HttpPeer rep(*tls, AnswerAsRep);
  Register(cluster, *tls, rep.url());
  const auto bbs = BbsAs(cluster, *tls);

  // An instance is placed there.
  REQUIRE_OK(cluster.bbs().DesireLrp(suite::MakeLrp("web", 1, "")));
  const Asked work = WaitForRequest(rep, "POST /work", R"("process_guid":"web")");
  CHECK(work.client == "auctioneer");
  CHECK(AsTheOriginalReads(work.body) ==
        R"({"LRPs":[{"instance_guid":"","process_guid":"web","index":0,"domain":"suite",)"
        R"("PlacementTags":null,"VolumeDrivers":null,"RootFs":"preloaded:busybox","MemoryMB":16,)"
        R"("DiskMB":16,"MaxPids":0,"state":""}],"Tasks":null,"cell_id":"original-1"})");
  const ActualLrpKey key{ProcessGuid("web"), 0, Domain("suite")};
  const InstanceKey instance{InstanceGuid("an-instance"), kCell};
  REQUIRE_OK(bbs->ClaimActualLrp(key, instance));
  clients::RunningInstance running;
  running.key = key;
  running.instance = instance;
  running.net_info.address = "10.0.0.9";
  running.availability_zone = "z1";
  REQUIRE_OK(bbs->StartActualLrp(running));

  // It is told of new internal routes, by v2 and, as it does not know that, by v1.
  DesiredLrpUpdate update;
  update.routes = Routes{{"internal-router", R"([{"hostname":"a.internal"}])"}};
  REQUIRE_OK(cluster.bbs().UpdateDesiredLrp(ProcessGuid("web"), update));
  const Asked newer = WaitForRequest(rep, "PUT /v2/lrps/web/instances/an-instance", "a.internal");
  CHECK(newer.client == "bbs");
  CHECK(newer.headers.at("content-type") == "application/json");
  const Asked older = WaitForRequest(rep, "PUT /v1/lrps/web/instances/an-instance", "a.internal");
  CHECK(older.body ==
        R"({"instance_guid":"an-instance","process_guid":"web","index":0,"domain":"suite",)"
        R"("internal_routes":[{"hostname":"a.internal"}]})");

  // It is stopped.
  REQUIRE_OK(cluster.bbs().RemoveDesiredLrp(ProcessGuid("web")));
  WaitForRequest(rep, "POST /v1/lrps/web/instances/an-instance/stop");

  // A task is placed there and cancelled.
  REQUIRE_OK(cluster.bbs().DesireTask(MakeTask("nap")));
  const Asked task_work = WaitForRequest(rep, "POST /work", R"("TaskGuid":"nap")");
  CHECK(task_work.body ==
        R"({"LRPs":null,"Tasks":[{"TaskGuid":"nap","Domain":"suite","PlacementTags":null,)"
        R"("VolumeDrivers":null,"RootFs":"preloaded:busybox","MemoryMB":16,"DiskMB":16,)"
        R"("MaxPids":0,"state":"Invalid","failed":false}],"cell_id":"original-1"})");
  const auto started = bbs->StartTask(TaskGuid("nap"), kCell);
  REQUIRE_OK(started.status());
  CHECK(*started);
  REQUIRE_OK(cluster.bbs().CancelTask(TaskGuid("nap")));
  WaitForRequest(rep, "POST /v1/tasks/nap/cancel");

  // And a BBS of the original may ask our auctioneer for a place on it.
  const http::RawReply accepted =
      Ask(cluster, cluster.Find("auctioneer").http_address, Role::kBbs, "POST", "/v1/tasks",
          R"([{"TaskGuid":"asked","Domain":"d","PlacementTags":[],"VolumeDrivers":[],)"
          R"("RootFs":"docker:///busybox","MemoryMB":1,"DiskMB":1,"MaxPids":0,)"
          R"("state":"Invalid","failed":false},{"TaskGuid":"","RootFs":"docker:///busybox"}])");
  CHECK(accepted.status == 202);
  CHECK(accepted.body == "{}");
  WaitForRequest(rep, "POST /work", R"("TaskGuid":"asked")");
}

TEST_CASE("compat: our BBS asks an auctioneer of the original", "[compat]") {
  suite::Deployment deployment({.store = GENERATE(Store::kSqlite, Store::kMysql)});
  harness::Cluster& cluster = deployment.cluster();
  const auto tls = cluster.TlsFor(Role::kAuctioneer);
  REQUIRE_OK(tls.status());
  rpc::HttpPeer auctioneer(*tls, [](const Asked&) -> Answer { return {202, "{}"}; });
  Reconfigure(cluster, "bbs-1",
              absl::StrCat(R"({"auctioneer_grpc_address":null,"auctioneer_address":")",
                           auctioneer.url(), R"("})"));
  Start(cluster, {"locket", "bbs-1"});
  REQUIRE_OK(cluster.bbs().DesireLrp(suite::MakeLrp("web", 2, "")));
  const Asked lrps = WaitForRequest(auctioneer, "POST /v1/lrps", "web");
  CHECK(lrps.client == "bbs");
  CHECK(lrps.headers.at("content-type") == "application/json");
  CHECK(AsTheOriginalReads(lrps.body) ==
        R"([{"process_guid":"web","domain":"suite","indices":[0,1],"PlacementTags":null,)"
        R"("VolumeDrivers":null,"RootFs":"preloaded:busybox","MemoryMB":16,"DiskMB":16,)"
        R"("MaxPids":0}])");
  CHECK(lrps.headers.count("x-vcap-request-id") == 0);
  REQUIRE_OK(cluster.bbs().DesireTask(MakeTask("nap")));
  const Asked tasks = WaitForRequest(auctioneer, "POST /v1/tasks", "nap");
  CHECK(tasks.body ==
        R"([{"TaskGuid":"nap","Domain":"suite","PlacementTags":null,"VolumeDrivers":null,)"
        R"("RootFs":"preloaded:busybox","MemoryMB":16,"DiskMB":16,"MaxPids":0,)"
        R"("state":"Invalid","failed":false}])");

  // The trace id of who desired it goes on with it.
  models::DesireTaskRequest traced;
  traced.set_task_guid("traced");
  traced.set_domain("suite");
  traced.mutable_task_definition()->set_root_fs("preloaded:busybox");
  models::RunAction& run =
      *traced.mutable_task_definition()->mutable_action()->mutable_run_action();
  run.set_path("/bin/true");
  run.set_user("root");
  const http::RawReply reply =
      Ask(cluster, cluster.Find("bbs-1").http_address, Role::kOperator, "POST",
          "/v1/tasks/desire.r2", traced.SerializeAsString(), "X-Vcap-Request-Id: AB12-cd34\r\n");
  CHECK(reply.status == 200);
  CHECK(WaitForRequest(auctioneer, "POST /v1/tasks", "traced").headers.at("x-vcap-request-id") ==
        "ab12cd34");
}

}  // namespace
}  // namespace diego::compat
