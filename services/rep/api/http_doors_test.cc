// The rep's HTTP doors over mutual TLS, called as a BBS and an auctioneer of the original would.
#include "services/rep/api/http_doors.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "libs/http/server.h"
#include "libs/http_client/request.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/testing/fake_clock.h"
#include "services/rep/engine/fake_executor.h"
#include "services/rep/engine/fake_records.h"

namespace diego::rep {
namespace {

using rpc::Role;

struct World {
  World() {
    CellFacts facts;
    facts.cell_id = CellId("cell-1");
    facts.rep_url = "https://cell-1.cell:1801";
    facts.stacks = {"busybox"};
    facts.zone = "z1";
    facts.total = {100, 100, 10};
    cell = std::make_unique<Cell>(facts, executor, notes, loop, 1, metrics, log);
    auto rules = rpc::PeerRules::Make("trust", "");
    REQUIRE(rules.ok());
    calls = std::make_unique<CellCalls>(*cell, metrics, *rules, log);
    network = Serve(NetworkRoutes(*calls));
    local = Serve(LocalRoutes(*calls, [this] { ++evacuations; }));
  }
  std::unique_ptr<http::Server> Serve(const http::Router& routes) {
    http::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(Role::kRep, "cell-1");
    auto started = http::Server::Start(options, routes.ToHandler());
    INFO(started.status());
    REQUIRE(started.ok());
    return *std::move(started);
  }
  // As one of the original, unless a role is given.
  http_client::Answer Ask(const http::Server& server, const std::string& method,
                          const std::string& path, const std::string& body = "",
                          Role role = Role::kNone) {
    const rpc::TlsFiles tls = certificates.For(role);
    http_client::Request request;
    request.method = method;
    request.url = "https://" + server.address() + path;
    request.body = body;
    request.tls = {tls.ca_file, tls.cert_file, tls.key_file};
    auto answer = http_client::Perform(request);
    INFO(answer.status());
    REQUIRE(answer.ok());
    return *std::move(answer);
  }
  http_client::Answer Network(const std::string& method, const std::string& path,
                              const std::string& body = "", Role role = Role::kNone) {
    return Ask(*network, method, path, body, role);
  }

  rpc::TestCertificates certificates;
  FakeClock clock;
  metrics::Registry registry{"rep"};
  RepMetrics metrics{registry};
  log::Logger log = log::Logger::Discard();
  FakeExecutor executor;
  FakeRecords records{CellId("cell-1")};
  CellNotes notes;
  ReconcileLoop loop{{}, {CellId("cell-1"), "", false}, executor, records, notes, clock, metrics,
                     log};
  std::unique_ptr<Cell> cell;
  std::unique_ptr<CellCalls> calls;
  std::atomic<int> evacuations{0};
  std::unique_ptr<http::Server> network;
  std::unique_ptr<http::Server> local;
};

std::string Lrp(int index, int memory_mb) {
  return R"({"process_guid":"web","index":)" + std::to_string(index) +
         R"(,"domain":"d","RootFs":"preloaded:busybox","MemoryMB":)" + std::to_string(memory_mb) +
         "}";
}

TEST_CASE("rep http: work is taken, shown in the state, updated, stopped", "[rep][api]") {
  World world;
  const http_client::Answer empty = world.Network("GET", "/state");
  CHECK(empty.status == 200);
  CHECK(empty.body ==
        R"({"rep_url":"https://cell-1.cell:1801","cell_id":"cell-1","cell_index":0,)"
        R"("RootFSProviders":{"preloaded":{"type":"fixed_set","set":{"busybox":{}}},)"
        R"("preloaded+layer":{"type":"fixed_set","set":{"busybox":{}}}},)"
        R"("AvailableResources":{"MemoryMB":100,"DiskMB":100,"Containers":10},)"
        R"("TotalResources":{"MemoryMB":100,"DiskMB":100,"Containers":10},"LRPs":[],"Tasks":[],)"
        R"("StartingContainerCount":0,"Zone":"z1","Evacuating":false,"VolumeDrivers":null,)"
        R"("PlacementTags":null,"OptionalPlacementTags":null,"ProxyMemoryAllocationMB":0})");

  const http_client::Answer none = world.Network(
      "POST", "/work", R"({"LRPs":[)" + Lrp(0, 60) + R"(],"Tasks":null,"cell_id":"cell-1"})");
  CHECK(none.status == 200);
  CHECK(none.body == R"({"LRPs":null,"Tasks":null})");
  const http_client::Answer back =
      world.Network("POST", "/work", R"({"LRPs":[)" + Lrp(1, 60) + R"(],"Tasks":[]})");
  CHECK(back.status == 200);
  CHECK(back.body ==
        R"({"LRPs":[{"instance_guid":"","process_guid":"web","index":1,"domain":"d",)"
        R"("PlacementTags":null,"VolumeDrivers":null,"RootFs":"preloaded:busybox","MemoryMB":60,)"
        R"("DiskMB":0,"MaxPids":0,"state":""}],"Tasks":null})");
  REQUIRE(world.executor.List().size() == 1);
  const std::string guid = world.executor.List()[0].guid;
  CHECK(guid.size() == 28);
  const std::string instance = "/lrps/web/instances/" + guid;
  const std::string shown = world.Network("GET", "/state").body;
  CHECK_THAT(shown, Catch::Contains(R"("instance_guid":")" + guid + R"(","process_guid":"web")"));
  CHECK_THAT(shown, Catch::Contains(R"("state":"CLAIMED")"));
  CHECK_THAT(shown, Catch::Contains(R"("StartingContainerCount":1)"));

  for (const char* version : {"/v1", "/v2"}) {
    const std::string update =
        R"({"instance_guid":")" + guid + R"(","internal_routes":[{"hostname":"a"}]})";
    CHECK(world.Network("PUT", version + instance, update).status == 202);
    CHECK(world.Network("PUT", version + instance, "{}").status == 202);
  }
  const http_client::Answer stopped = world.Network("POST", "/v1" + instance + "/stop");
  CHECK(stopped.status == 202);
  CHECK(stopped.body.empty());
  CHECK(world.Network("POST", "/v1/tasks/none/cancel").status == 202);
  CHECK_THAT(world.Network("GET", "/container_metrics").body,
             Catch::StartsWith(R"({"cell_id":"cell-1","lrps":[)"));
}

TEST_CASE("rep http: refusals have the original's status codes and change nothing", "[rep][api]") {
  struct Case {
    const char* method;
    const char* path;
    std::string body;
    int status;
  };
  const Case cases[] = {
      {"POST", "/work", "{", 400},
      {"POST", "/work", "", 400},
      {"POST", "/work", R"({"LRPs":[{"index":"x"}]})", 400},
      {"POST", "/work", R"({"cell_id":"cell-2"})", 500},
      {"POST", "/work", R"({"Tasks":[{"TaskGuid":"../../etc"}]})", 500},
      {"PUT", "/v2/lrps/p/instances/nobody", "{", 400},
      {"PUT", "/v2/lrps/p/instances/nobody", R"({"instance_guid":"nobody"})", 500},
      {"PUT", "/v1/lrps/p/instances/nobody", R"({"instance_guid":"nobody"})", 500},
      {"POST", "/v1/lrps/p/instances/nobody/stop", "", 500},
      {"POST", "/v1/lrps/p/instances//stop", "", 400},
      {"POST", "/v1/lrps//instances/i/stop", "", 400},
      {"POST", "/sim/reset", "", 500},
      {"GET", "/ping", "", 404},
      {"POST", "/evacuate", "", 404},
      {"GET", "/v3", "", 404},
      {"POST", "/state", "", 405},
      {"GET", "/work", "", 405},
  };
  World world;
  for (const Case& c : cases) {
    INFO(c.method << " " << c.path << " " << c.body);
    CHECK(world.Network(c.method, c.path, c.body).status == c.status);
  }
  CHECK(world.executor.List().empty());
}

TEST_CASE("rep http: a certificate that names a role may do what that role may", "[rep][api]") {
  World world;
  CHECK(world.Network("GET", "/state", "", Role::kAuctioneer).status == 200);
  CHECK(world.Network("GET", "/state", "", Role::kRouteEmitter).status == 403);
  CHECK(world.Network("POST", "/work", "{}", Role::kBbs).status == 403);
  CHECK(world.Network("POST", "/work", "{", Role::kBbs).status == 403);
  CHECK(world.Network("POST", "/v1/tasks/t/cancel", "", Role::kBbs).status == 202);
}

TEST_CASE("rep http: this machine pings and asks the cell to leave", "[rep][api]") {
  World world;
  CHECK(world.Ask(*world.local, "GET", "/ping").status == 200);
  CHECK(world.Ask(*world.local, "POST", "/evacuate", "", Role::kBbs).status == 403);
  CHECK(world.evacuations.load() == 0);
  const http_client::Answer leaving = world.Ask(*world.local, "POST", "/evacuate");
  CHECK(leaving.status == 202);
  CHECK(leaving.body == R"({"ping_path":"/ping"})");
  CHECK(leaving.headers.at("content-type") == "application/json");
  CHECK(world.evacuations.load() == 1);
  CHECK(world.Ask(*world.local, "GET", "/state").status == 404);
}

}  // namespace
}  // namespace diego::rep
