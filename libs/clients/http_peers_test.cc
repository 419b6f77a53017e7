// Our clients in front of reps and auctioneers of the original, played by a server made by hand
// from reference/rep-auctioneer-http-api.md.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/clients/auctioneer_client.h"
#include "libs/clients/cell_client.h"
#include "libs/models/cell_address.h"
#include "libs/rpc/testing/http_peer.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::clients {
namespace {

using Answer = rpc::HttpPeer::Answer;
using Asked = rpc::HttpPeer::Asked;

struct World {
  std::unique_ptr<rpc::HttpPeer> Peer(rpc::HttpPeer::Handler handler) {
    return std::make_unique<rpc::HttpPeer>(certificates.For(rpc::Role::kNone), std::move(handler));
  }
  std::unique_ptr<CellClient> Cells(absl::Duration timeout = absl::Seconds(20),
                                    absl::Duration state_timeout = absl::Seconds(20)) {
    CellClientOptions options;
    options.tls = certificates.For(rpc::Role::kBbs);
    options.timeout = timeout;
    options.state_timeout = state_timeout;
    auto client = CellClient::Create(options);
    REQUIRE(client.ok());
    return *std::move(client);
  }
  ConnectionOptions Auctioneers(std::vector<std::string> addresses) {
    ConnectionOptions options;
    options.addresses = std::move(addresses);
    options.tls = certificates.For(rpc::Role::kBbs);
    return options;
  }

  rpc::TestCertificates certificates;
};

const ActualLrpKey kKey{ProcessGuid("p/1"), 3, Domain("d")};
const InstanceKey kInstance{InstanceGuid("i"), CellId("c")};

TEST_CASE("http cells: every call has the original's route, body and success", "[clients]") {
  World world;
  const auto rep = world.Peer([](const Asked& asked) -> Answer {
    if (asked.path == "/state") return {200, R"({"cell_id":"c","TotalResources":{"MemoryMB":7}})"};
    if (asked.path == "/work") return {200, R"({"LRPs":null,"Tasks":[{"TaskGuid":"t"}]})"};
    return {202};
  });
  const auto cells = world.Cells();

  const auto state = cells->State(rep->url());
  REQUIRE(state.ok());
  CHECK(state->cell_id.value() == "c");
  CHECK(state->total.memory_mb == 7);
  Work work;
  work.cell_id = CellId("c");
  work.tasks = {{TaskGuid("t"), Domain("d"), {"docker:///a", {}, {}}, {1, 2, 3}}};
  const auto rejected = cells->PerformWork(rep->url() + "/", work);
  REQUIRE(rejected.ok());
  CHECK(rejected->cell_id.value() == "c");
  CHECK(rejected->lrps.empty());
  REQUIRE(rejected->tasks.size() == 1);
  CHECK(rejected->tasks[0].task_guid.value() == "t");
  CHECK(cells->StopLrp(rep->url(), kKey, kInstance).ok());
  CHECK(cells->CancelTask(rep->url(), TaskGuid("t")).ok());
  LrpInstanceUpdate update{kKey, kInstance, true, {"a.internal"}, true, {{"k", "v"}}};
  CHECK(cells->UpdateLrp(rep->url(), update).ok());

  const std::vector<Asked> asked = rep->Requests(5);
  REQUIRE(asked.size() == 5);
  CHECK(asked[0].line() == "GET /state");
  CHECK(asked[0].body.empty());
  CHECK(asked[0].client == "bbs");
  CHECK(asked[1].line() == "POST /work");
  CHECK(asked[1].headers.at("content-type") == "application/json");
  CHECK(asked[1].body ==
        R"({"LRPs":null,"Tasks":[{"TaskGuid":"t","Domain":"d","PlacementTags":null,)"
        R"("VolumeDrivers":null,"RootFs":"docker:///a","MemoryMB":1,"DiskMB":2,"MaxPids":3,)"
        R"("state":"Invalid","failed":false}],"cell_id":"c"})");
  CHECK(asked[2].line() == "POST /v1/lrps/p%2F1/instances/i/stop");
  CHECK(asked[2].body.empty());
  CHECK(asked[3].line() == "POST /v1/tasks/t/cancel");
  CHECK(asked[4].line() == "PUT /v2/lrps/p%2F1/instances/i");
  CHECK(asked[4].body ==
        R"({"instance_guid":"i","process_guid":"p/1","index":3,"domain":"d",)"
        R"("internal_routes":[{"hostname":"a.internal"}],"metric_tags":{"k":"v"}})");
}

TEST_CASE("http cells: a rep without v2 is updated by v1, as far as that goes", "[clients]") {
  struct Case {
    bool routes;
    std::vector<std::string> lines;
  };
  const std::string v1 = "PUT /v1/lrps/p%2F1/instances/i";
  const std::string v2 = "PUT /v2/lrps/p%2F1/instances/i";
  for (const Case& c : {Case{true, {v2, v1}}, Case{false, {v2}}}) {
    World world;
    const auto rep =
        world.Peer([&](const Asked& asked) -> Answer { return {asked.line() == v1 ? 202 : 404}; });
    LrpInstanceUpdate update{kKey, kInstance, c.routes, {}, true, {{"k", "v"}}};
    CHECK(world.Cells()->UpdateLrp(rep->url(), update).ok());
    std::vector<std::string> lines;
    for (const Asked& asked : rep->Requests()) lines.push_back(asked.line());
    CHECK(lines == c.lines);
    if (c.routes) {
      CHECK(rep->Requests()[1].body.find("metric_tags") == std::string::npos);
    }
  }
}

TEST_CASE("http peers: a call goes on with the trace id of the request it comes of", "[clients]") {
  World world;
  const auto peer = world.Peer([](const Asked& asked) -> Answer {
    return {asked.path.find("/v2/") == 0 ? 404 : 202, "{}"};
  });
  const auto cells = world.Cells();
  const auto ignore = [](const absl::Status&) {};
  cells->StopLrp(peer->url(), kKey, kInstance, ignore, "ab12");
  cells->CancelTask(peer->url(), TaskGuid("t"), ignore, "ab12");
  // A second request when the first is not understood.
  cells->UpdateLrp(peer->url(), {kKey, kInstance, true, {}, true, {}}, ignore, "ab12");
  const auto auctioneer = AuctioneerClient::CreateHttp(world.Auctioneers({peer->address()}));
  REQUIRE(auctioneer.ok());
  CHECK((*auctioneer)->RequestLrpAuctions({}, "ab12").ok());
  CHECK((*auctioneer)->RequestTaskAuctions({}, "ab12").ok());
  const std::vector<Asked> asked = peer->Requests(6);
  REQUIRE(asked.size() == 6);
  for (const Asked& one : asked) CHECK(one.headers.at("x-vcap-request-id") == "ab12");
  // None without.
  CHECK((*auctioneer)->RequestTaskAuctions({}).ok());
  CHECK(peer->Requests(7)[6].headers.count("x-vcap-request-id") == 0);
}

TEST_CASE("http cells: any other status is an error in the original's words", "[clients]") {
  World world;
  int status = 0;
  const auto rep = world.Peer([&](const Asked&) -> Answer {
    return {status, R"({"cell_id":"c"})"};
  });
  const auto cells = world.Cells();
  for (const int other : {202, 400, 404, 500, 503}) {
    status = other;
    const std::string message = "unexpected status code: " + std::to_string(other);
    CHECK(cells->State(rep->url()).status().message() == message);
    CHECK(cells->PerformWork(rep->url(), {}).status().message() == message);
  }
  status = 500;
  const std::string message = "http error: status code 500 (Internal Server Error)";
  CHECK(cells->StopLrp(rep->url(), kKey, kInstance).message() == message);
  CHECK(cells->CancelTask(rep->url(), TaskGuid("t")).message() == message);
  CHECK(cells->UpdateLrp(rep->url(), {}).message() == message);
  status = 200;
  CHECK_FALSE(cells->StopLrp(rep->url(), kKey, kInstance).ok());
}

TEST_CASE("http cells: an answer that is no state is refused", "[clients]") {
  World world;
  std::string body;
  const auto rep = world.Peer([&](const Asked&) -> Answer { return {200, body}; });
  const auto cells = world.Cells();
  for (const char* text : {"", "<html>", "[]", R"({"LRPs":1})"}) {
    body = text;
    CHECK_FALSE(cells->State(rep->url()).ok());
    CHECK_FALSE(cells->PerformWork(rep->url(), {}).ok());
  }
}

TEST_CASE("http cells: a rep that says nothing costs the time-out of its kind", "[clients]") {
  World world;
  const auto rep = world.Peer([&](const Asked&) -> Answer { return {200, "", true}; });
  CHECK(absl::IsDeadlineExceeded(
      world.Cells(absl::Seconds(30), absl::Milliseconds(50))->State(rep->url()).status()));
  CHECK(absl::IsDeadlineExceeded(world.Cells(absl::Milliseconds(50), absl::Seconds(30))
                                     ->StopLrp(rep->url(), kKey, kInstance)));
}

TEST_CASE("http cells: nobody there, or somebody else, is Unavailable", "[clients]") {
  World world;
  const auto cells = world.Cells(absl::Seconds(5), absl::Seconds(5));
  CHECK(absl::IsUnavailable(cells->State("https://127.0.0.1:1").status()));
  rpc::TestCertificates others;
  rpc::HttpPeer stranger(others.For(rpc::Role::kRep, "c"), [](const Asked&) -> Answer {
    return {200, "{}"};
  });
  CHECK(absl::IsUnavailable(cells->State(stranger.url()).status()));
  CHECK(stranger.Requests().empty());
  // The certificate names 127.0.0.1 and localhost.
  const auto rep = world.Peer([](const Asked&) -> Answer { return {200, "{}"}; });
  CHECK(cells->State("https://localhost:" + std::to_string(rep->port())).ok());
  CHECK_FALSE(cells->State("https://127.0.0.2:" + std::to_string(rep->port())).ok());
}

TEST_CASE("http cells: the client's end cancels what is under way", "[clients]") {
  World world;
  const auto rep = world.Peer([&](const Asked&) -> Answer { return {200, "", true}; });
  Guarded<absl::Status> seen;
  auto cells = world.Cells();
  cells->State(rep->url(), [&](const absl::StatusOr<CellState>& state) {
    seen.With([&](absl::Status& status) { status = state.status(); });
  });
  rep->Requests(1);
  cells.reset();
  CHECK(absl::IsCancelled(seen.With([](const absl::Status& status) { return status; })));
}

TEST_CASE("cells: the address is that of gRPC, else an https URL, else none", "[clients]") {
  CellPresence cell;
  cell.rep_address = "http://10.0.0.1:1800";
  CHECK(CellAddressOf(cell).empty());
  cell.rep_url = "http://10.0.0.1:1801";
  CHECK(CellAddressOf(cell).empty());
  cell.rep_url = "https://10.0.0.1:1801";
  CHECK(CellAddressOf(cell) == "https://10.0.0.1:1801");
  cell.rep_grpc_address = "10.0.0.1:1802";
  CHECK(CellAddressOf(cell) == "10.0.0.1:1802");
}

TEST_CASE("http auctioneer: requests are posted, 202 accepts them all", "[clients]") {
  World world;
  int status = 202;
  const auto auctioneer = world.Peer([&](const Asked&) -> Answer { return {status, "{}"}; });
  const auto client = AuctioneerClient::CreateHttp(world.Auctioneers({auctioneer->address()}));
  REQUIRE(client.ok());
  const auto lrps = (*client)->RequestLrpAuctions(
      {{ProcessGuid("p"), Domain("d"), {0, 1}, {"preloaded:a", {}, {}}, {1, 2, 3}}});
  REQUIRE(lrps.ok());
  CHECK(lrps->accepted == 1);
  CHECK((*client)->RequestTaskAuctions({{TaskGuid("t"), Domain("d"), {}, {}}}).ok());
  const std::vector<Asked> asked = auctioneer->Requests(2);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].line() == "POST /v1/lrps");
  CHECK(asked[0].headers.at("content-type") == "application/json");
  CHECK(asked[0].body ==
        R"([{"process_guid":"p","domain":"d","indices":[0,1],"PlacementTags":null,)"
        R"("VolumeDrivers":null,"RootFs":"preloaded:a","MemoryMB":1,"DiskMB":2,"MaxPids":3}])");
  CHECK(asked[1].line() == "POST /v1/tasks");
  status = 400;
  CHECK((*client)->RequestTaskAuctions({}).status().message() ==
        "http error: status code 400 (Bad Request)");
}

TEST_CASE("http auctioneer: one that does not listen is passed over", "[clients]") {
  World world;
  const auto auctioneer = world.Peer([](const Asked&) -> Answer { return {202, "{}"}; });
  const auto client =
      AuctioneerClient::CreateHttp(world.Auctioneers({"127.0.0.1:1", auctioneer->address()}));
  REQUIRE(client.ok());
  CHECK((*client)->RequestTaskAuctions({{TaskGuid("t"), Domain("d"), {}, {}}}).ok());
  CHECK((*client)->RequestTaskAuctions({{TaskGuid("t"), Domain("d"), {}, {}}}).ok());
  CHECK(auctioneer->Requests().size() == 2);
  CHECK(absl::IsInvalidArgument(AuctioneerClient::CreateHttp(world.Auctioneers({})).status()));
}

}  // namespace
}  // namespace diego::clients
