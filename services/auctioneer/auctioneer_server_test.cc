// The whole auctioneer over mutual TLS, between a Locket, a BBS and a cell that behave.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/http_client/request.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/http_peer.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/auctioneer/server.h"

namespace diego::auctioneer {
namespace {

using rpc::Role;

// One lock; whoever comes first keeps it until released.
class FakeLocket final : public models::Locket::Service {
 public:
  Guarded<std::string> owner;

  grpc::Status Lock(grpc::ServerContext*, const models::LockRequest* request,
                    models::LockResponse* response) override {
    response->set_fencing_token(1);
    return owner.With([&](std::string& held) {
      if (!held.empty() && held != request->resource().owner()) {
        return grpc::Status(grpc::StatusCode::ALREADY_EXISTS, "lock-collision");
      }
      held = request->resource().owner();
      return grpc::Status::OK;
    });
  }
  grpc::Status Release(grpc::ServerContext*, const models::ReleaseRequest*,
                       models::ReleaseResponse*) override {
    owner.With([](std::string& held) { held.clear(); });
    return grpc::Status::OK;
  }
};

class FakeBbs final : public diego::Bbs::Service {
 public:
  std::string cell_address;
  std::string original_url;  // of a cell that speaks HTTP alone
  Guarded<std::vector<std::string>> failures;
  Guarded<models::PlacementRefusal> refusal;  // the last

  grpc::Status Cells(grpc::ServerContext*, const CellsRequest*,
                     models::CellsResponse* response) override {
    models::CellPresence* cell = response->add_cells();
    cell->set_cell_id("cell-1");
    cell->set_rep_grpc_address(cell_address);
    cell->set_rep_url("https://127.0.0.1:1");  // gRPC comes first
    response->add_cells()->set_cell_id("of-no-address");
    if (original_url.empty()) return grpc::Status::OK;
    models::CellPresence* original = response->add_cells();
    original->set_cell_id("of-the-original");
    original->set_rep_url(original_url);
    return grpc::Status::OK;
  }
  grpc::Status FailActualLRP(grpc::ServerContext*, const models::FailActualLRPRequest* request,
                             models::ActualLRPLifecycleResponse*) override {
    refusal.With([&](auto& last) { last = request->placement_refusal(); });
    Add(absl::StrCat(request->actual_lrp_key().process_guid(), ".",
                     request->actual_lrp_key().index(), ": ", request->error_message()));
    return grpc::Status::OK;
  }
  grpc::Status RejectTask(grpc::ServerContext*, const models::RejectTaskRequest* request,
                          models::TaskLifecycleResponse*) override {
    Add(absl::StrCat(request->task_guid(), ": ", request->rejection_reason()));
    return grpc::Status::OK;
  }

 private:
  void Add(std::string failure) {
    failures.With([&](auto& all) { all.push_back(std::move(failure)); });
  }
};

class FakeCell final : public diego::Cell::Service {
 public:
  Guarded<std::vector<std::string>> taken;

  grpc::Status State(grpc::ServerContext*, const StateRequest*, StateResponse* response) override {
    response->set_cell_id("cell-1");
    (*response->mutable_rootfs_providers())["docker"].set_arbitrary(true);
    for (CellResources* resources : {response->mutable_available(), response->mutable_total()}) {
      resources->set_memory_mb(1000);
      resources->set_disk_mb(1000);
      resources->set_containers(10);
    }
    return grpc::Status::OK;
  }
  grpc::Status Work(grpc::ServerContext*, const WorkRequest* request, WorkResponse*) override {
    taken.With([&](auto& all) {
      for (const LRPOnCell& lrp : request->lrps()) {
        all.push_back(absl::StrCat(lrp.key().process_guid(), ".", lrp.key().index()));
      }
      for (const TaskOnCell& task : request->tasks()) all.push_back(task.task_guid());
    });
    return grpc::Status::OK;
  }
};

struct World {
  World() {
    bbs_server = Serve(Role::kBbs, "", &bbs);
    locket_server = Serve(Role::kLocket, "", &locket);
    cell_server = Serve(Role::kRep, "cell-1", &cell);
    bbs.cell_address = cell_server->address();
  }
  std::unique_ptr<rpc::Server> Serve(Role role, const std::string& cell_id,
                                     grpc::Service* service) {
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(role, cell_id);
    auto server = rpc::Server::Start(options, {service});
    REQUIRE(server.ok());
    return *std::move(server);
  }
  std::unique_ptr<AuctioneerServer> Auctioneer(const std::string& uuid) {
    const rpc::TlsFiles tls = certificates.For(Role::kAuctioneer);
    AuctioneerConfig config;
    config.listen_address = config.grpc_listen_address = {"127.0.0.1", 0};
    config.uuid = uuid;
    config.ca_cert_file = config.bbs_ca_cert_file = config.rep_ca_cert =
        config.locket.ca_cert_file = tls.ca_file;
    config.server_cert_file = config.bbs_client_cert_file = config.rep_client_cert =
        config.locket.client_cert_file = tls.cert_file;
    config.server_key_file = config.bbs_client_key_file = config.rep_client_key =
        config.locket.client_key_file = tls.key_file;
    config.bbs.bbs_address = {{"127.0.0.1", static_cast<uint16_t>(bbs_server->port())}};
    config.locket.addresses = {{"127.0.0.1", static_cast<uint16_t>(locket_server->port())}};
    config.lock_retry_interval = absl::Milliseconds(20);
    auto server = AuctioneerServer::Start(config, log::Logger::Discard());
    INFO(server.status().ToString());
    REQUIRE(server.ok());
    return *std::move(server);
  }
  std::unique_ptr<diego::Auctioneer::Stub> As(Role role, const AuctioneerServer& server) {
    return diego::Auctioneer::NewStub(certificates.Channel(server.port(), role));
  }

  rpc::TestCertificates certificates;
  FakeBbs bbs;
  FakeLocket locket;
  FakeCell cell;
  std::unique_ptr<rpc::Server> bbs_server;
  std::unique_ptr<rpc::Server> locket_server;
  std::unique_ptr<rpc::Server> cell_server;
};

LRPAuctionsRequest LrpRequest(const std::string& guid, int indices, int memory_mb) {
  LRPAuctionsRequest request;
  LRPAuction* auction = request.add_auctions();
  auction->set_process_guid(guid);
  auction->set_domain("apps");
  for (int i = 0; i < indices; ++i) auction->add_indices(i);
  auction->mutable_demand()->set_root_fs("docker:///busybox");
  auction->mutable_demand()->set_memory_mb(memory_mb);
  return request;
}

grpc::Status Request(diego::Auctioneer::Stub& stub, const LRPAuctionsRequest& request,
                     AuctionsResponse* response) {
  const auto context = rpc::MakeContext();
  return stub.RequestLRPAuctions(context.get(), request, response);
}

// A server takes the lock on its own thread; callers hear UNAVAILABLE until then.
grpc::Status RequestWhenActive(diego::Auctioneer::Stub& stub, const LRPAuctionsRequest& request,
                               AuctionsResponse* response) {
  grpc::Status status;
  for (int tries = 0; tries < 20000; ++tries) {
    status = Request(stub, request, response);
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) break;
  }
  return status;
}

std::vector<std::string> WaitFor(Guarded<std::vector<std::string>>& list, size_t count) {
  return list.When([&](const auto& all) { return all.size() >= count; }, absl::Seconds(20),
                   [](auto& all, bool) { return all; });
}

TEST_CASE("auctioneer: work is placed on the cell, what does not fit is reported to the BBS",
          "[auctioneer][server]") {
  World world;
  const auto server = world.Auctioneer("one");
  const auto bbs = world.As(Role::kBbs, *server);
  AuctionsResponse response;
  REQUIRE(RequestWhenActive(*bbs, LrpRequest("web", 2, 100), &response).ok());
  CHECK(response.accepted() == 1);
  CHECK(WaitFor(world.cell.taken, 2) == std::vector<std::string>{"web.0", "web.1"});

  REQUIRE(Request(*bbs, LrpRequest("huge", 1, 5000), &response).ok());
  CHECK(WaitFor(world.bbs.failures, 1) ==
        std::vector<std::string>{"huge.0: insufficient resources: memory"});
  const auto refusal = world.bbs.refusal.With([](const auto& last) { return last; });
  CHECK(refusal.reason() == models::PlacementRefusal::NO_ROOM);
  CHECK(refusal.cells_considered() == 1);
  CHECK(refusal.cells_unreachable() == 1);  // of-no-address
  CHECK(refusal.cells_short_of_memory() == 1);
  CHECK(refusal.memory_needed_mb() == 5000);
  CHECK(refusal.memory_short_mb() > 0);

  TaskAuctionsRequest tasks;
  for (const char* guid : {"t", ""}) {
    TaskAuction* auction = tasks.add_auctions();
    auction->set_task_guid(guid);
    auction->mutable_demand()->set_root_fs("docker:///busybox");
  }
  const auto context = rpc::MakeContext();
  AuctionsResponse answer;
  REQUIRE(bbs->RequestTaskAuctions(context.get(), tasks, &answer).ok());
  CHECK(answer.accepted() == 1);
  REQUIRE(answer.dropped_size() == 1);
  CHECK(answer.dropped(0) == "task \"\": TaskGuid must not be empty");
  CHECK(WaitFor(world.cell.taken, 3).back() == "t");
}

TEST_CASE("auctioneer: only the BBS and operators may ask", "[auctioneer][server]") {
  World world;
  const auto server = world.Auctioneer("one");
  AuctionsResponse response;
  for (const Role role : {Role::kLocket, Role::kRouteEmitter, Role::kNone}) {
    const auto stub = world.As(role, *server);
    CHECK(Request(*stub, LrpRequest("web", 1, 1), &response).error_code() ==
          grpc::StatusCode::PERMISSION_DENIED);
  }
}

// As a BBS of the original.
http_client::Outcome Post(World& world, const AuctioneerServer& server, const std::string& path,
                          const std::string& body, Role role = Role::kBbs) {
  const rpc::TlsFiles tls = world.certificates.For(role);
  http_client::Request request;
  request.method = "POST";
  request.url = absl::StrCat("https://127.0.0.1:", server.http_port(), path);
  request.body = body;
  request.tls = {tls.ca_file, tls.cert_file, tls.key_file};
  return http_client::Perform(request);
}

// A server takes the lock, and then opens its HTTP port, on its own thread.
void WaitForHttp(const AuctioneerServer& server) {
  const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(20);
  Guarded<bool> pause;
  while (server.http_port() == 0 && RealClock().Monotonic() < deadline) {
    pause.When([](bool) { return false; }, absl::Milliseconds(5), [](bool, bool) {});
  }
  REQUIRE(server.http_port() != 0);
}

TEST_CASE("auctioneer: a BBS of the original is served by HTTP", "[auctioneer][server]") {
  World world;
  const auto server = world.Auctioneer("one");
  WaitForHttp(*server);
  const auto lrps =
      Post(world, *server, "/v1/lrps",
           R"([{"process_guid":"web","domain":"apps","indices":[0,1],)"
           R"("RootFs":"docker:///busybox","MemoryMB":10},)"
           R"({"process_guid":"","domain":"apps","indices":[0],"RootFs":"docker:///b"},)"
           R"({"process_guid":"x","domain":"apps","indices":null,"RootFs":"a:b"}])");
  REQUIRE(lrps.ok());
  CHECK(lrps->status == 202);
  CHECK(lrps->body == "{}");
  CHECK(lrps->headers.at("content-type") == "application/json");
  CHECK(WaitFor(world.cell.taken, 2) == std::vector<std::string>{"web.0", "web.1"});
  const auto tasks = Post(world, *server, "/v1/tasks",
                          R"([{"TaskGuid":"t","Domain":"apps","RootFs":"docker:///busybox",)"
                          R"("MemoryMB":1,"DiskMB":1,"state":"Invalid","failed":false}])");
  REQUIRE(tasks.ok());
  CHECK(tasks->status == 202);
  CHECK(WaitFor(world.cell.taken, 3).back() == "t");

  struct Case {
    const char* path;
    const char* body;
    Role role;
    int status;
  };
  const Case cases[] = {
      {"/v1/lrps", "[", Role::kBbs, 400},     {"/v1/lrps", "", Role::kBbs, 400},
      {"/v1/lrps", "{}", Role::kBbs, 400},    {"/v1/tasks", "[1]", Role::kBbs, 400},
      {"/v1/lrps", "[]", Role::kBbs, 202},    {"/v1/lrps", "[]", Role::kOperator, 202},
      {"/v1/lrps", "[]", Role::kLocket, 403}, {"/v1/lrps", "[", Role::kLocket, 403},
      {"/v1/lrps", "[]", Role::kNone, 403},   {"/v1/nothing", "[]", Role::kBbs, 404},
  };
  for (const Case& c : cases) {
    INFO(c.path << " " << c.body);
    const auto answer = Post(world, *server, c.path, c.body, c.role);
    REQUIRE(answer.ok());
    CHECK(answer->status == c.status);
  }
  CHECK(Post(world, *server, "/v1/lrps", "{}")->body == R"({"error":"expected a list"})");
}

TEST_CASE("auctioneer: a standby does not listen for HTTP", "[auctioneer][server]") {
  World world;
  auto first = world.Auctioneer("one");
  WaitForHttp(*first);
  const auto second = world.Auctioneer("two");
  CHECK(second->http_port() == 0);
  first.reset();
  WaitForHttp(*second);
  CHECK(Post(world, *second, "/v1/lrps", "[]")->status == 202);
}

TEST_CASE("auctioneer: a cell of the original is asked and handed work by HTTP",
          "[auctioneer][server]") {
  World world;
  rpc::HttpPeer rep(world.certificates.For(Role::kNone),
                    [](const rpc::HttpPeer::Asked& asked) -> rpc::HttpPeer::Answer {
                      if (asked.path != "/state") return {200, R"({"LRPs":null,"Tasks":null})"};
                      return {200,
                              R"({"cell_id":"of-the-original",)"
                              R"("RootFSProviders":{"docker":{"type":"arbitrary"}},)"
                              R"("AvailableResources":{"MemoryMB":9000,"DiskMB":9,"Containers":9},)"
                              R"("TotalResources":{"MemoryMB":9000,"DiskMB":9,"Containers":9}})"};
                    });
  world.bbs.original_url = rep.url();
  const auto server = world.Auctioneer("one");
  AuctionsResponse response;
  // More than the other cell has.
  REQUIRE(RequestWhenActive(*world.As(Role::kBbs, *server), LrpRequest("web", 1, 5000), &response)
              .ok());
  const auto asked = rep.Requests(2);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].line() == "GET /state");
  CHECK(asked[0].client == "auctioneer");
  CHECK(asked[1].line() == "POST /work");
  CHECK(asked[1].body ==
        R"({"LRPs":[{"instance_guid":"","process_guid":"web","index":0,"domain":"apps",)"
        R"("PlacementTags":null,"VolumeDrivers":null,"RootFs":"docker:///busybox",)"
        R"("MemoryMB":5000,"DiskMB":0,"MaxPids":0,"state":""}],"Tasks":null,)"
        R"("cell_id":"of-the-original"})");
}

TEST_CASE("auctioneer: a standby refuses until the lock is given up", "[auctioneer][server]") {
  World world;
  auto first = world.Auctioneer("one");
  AuctionsResponse response;
  REQUIRE(
      RequestWhenActive(*world.As(Role::kBbs, *first), LrpRequest("web", 1, 1), &response).ok());
  const auto second = world.Auctioneer("two");
  const auto bbs = world.As(Role::kBbs, *second);
  const grpc::Status refused = Request(*bbs, LrpRequest("web", 1, 1), &response);
  CHECK(refused.error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(refused.error_message() == "this auctioneer is a standby: it does not hold the lock");
  CHECK_FALSE(second->active());
  first.reset();
  CHECK(RequestWhenActive(*bbs, LrpRequest("web", 1, 1), &response).ok());
  CHECK(second->active());
}

}  // namespace
}  // namespace diego::auctioneer
