// The same on the doors for the original's clients: every route of the BBS, the rep and the
// auctioneer is called for a while with bodies that are bad, and every port with bytes that are no
// HTTP. Each request is answered in time with a status that says something, a refused one changes
// nothing, and at the end the services serve.
#include <atomic>
#include <catch2/catch.hpp>
#include <iterator>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "integration/compat/bbs_http/routes.h"
#include "integration/suite/bad_json.h"
#include "integration/suite/bad_requests.h"
#include "integration/suite/bad_worlds.h"
#include "integration/suite/harass.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/evacuation.pb.h"

namespace diego::suite {
namespace {

using compat::kRoutes;
using compat::Route;
using google::protobuf::Descriptor;

const Descriptor& RequestOf(const Route& route) {
  const std::string name = *route.request == '\0' ? "PingResponse" : route.request;
  const Descriptor* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("models." + name);
  INFO(route.path << " takes " << name);
  REQUIRE(type != nullptr);
  return *type;
}

// A header that all routes read, with what is no trace id.
std::string TraceHeader(Random* random) {
  if (!OneIn(random, 4)) return "";
  return absl::StrCat("X-Vcap-Request-Id: ", absl::CHexEscape(AwkwardText(random).substr(0, 1000)),
                      "\r\n");
}

// Errors are within the answers. Source: reference/bbs-http-api.md "Conventions".
Verdict BbsVerdict(const Route& route, const http::RawReply& reply) {
  Verdict verdict{.code = absl::StrCat(reply.status), .words = reply.head + reply.body};
  if (route.kind == Route::kStream) {
    verdict.done = reply.status == 200;
    verdict.clear = reply.status == 500 && !reply.body.empty();
    return verdict;
  }
  // Whatever the response is, its first field is the error.
  models::EvacuationResponse answer;
  if (reply.status != 200 || !answer.ParseFromString(reply.body)) return verdict;
  const models::Error::Type type = answer.error().type();
  verdict.done = !answer.has_error();
  verdict.clear = type != models::Error::UnknownError && type != models::Error::Unrecoverable;
  verdict.code = verdict.done ? "OK" : models::Error::Type_Name(type);
  verdict.words = answer.error().message();
  return verdict;
}

std::string ValidLrp() {
  models::DesireLRPRequest request;
  models::DesiredLRP& lrp = *request.mutable_desired_lrp();
  lrp.set_process_guid("never");
  lrp.set_domain("bad");
  lrp.set_root_fs("preloaded:busybox");
  lrp.set_instances(1);
  lrp.set_log_guid("never");
  (*lrp.mutable_metric_tags())["source_id"].set_static_("never");
  lrp.mutable_action()->mutable_run_action()->set_path("/bin/true");
  lrp.mutable_action()->mutable_run_action()->set_user("vcap");
  return request.SerializeAsString();
}

TEST_CASE("bad http: BBS", "[bad]") {
  World world;
  world.StartBbs();
  const int port = world.bbs->http_port();
  HttpClient client(port, world.tls);
  BadRequests requests(Seed());
  Door door{.name = "BBS over HTTP", .refusal = "InvalidRequest"};
  for (const Route& route : kRoutes) {
    door.calls.push_back(absl::StrCat(route.method, " ", route.path));
  }
  // Now and then that of another route.
  door.draw = [&](size_t call) {
    const bool astray = OneIn(&requests.random(), 10);
    return requests.Next(
        RequestOf(kRoutes[astray ? requests.random().Below(std::size(kRoutes)) : call]));
  };
  door.ask = [&](size_t call, const std::string& bytes) {
    return BbsVerdict(kRoutes[call],
                      client.Ask(door.calls[call], bytes, TraceHeader(&requests.random())));
  };
  door.records = [&] { return world.BbsRecords(); };
  Harass(door);
  HarassConnections(port, world.tls, "/v1/desired_lrp/desire.r2", ValidLrp(), door.records);
  CHECK(world.bbs->active());
  const std::string before = world.BbsRecords();
  // What the connections above sent in part is, as a whole, carried out.
  CHECK(client.Ask("POST /v1/desired_lrp/desire.r2", ValidLrp()).body.empty());
  CHECK(world.BbsRecords() != before);
}

// The routes of a router; their parameters are filled in by PathFrom.
Door JsonDoor(const std::string& name, const http::Router& router) {
  return {.name = name, .calls = router.routes(), .refusal = "400"};
}

// "PUT /v1/lrps/:process_guid" with a text for each parameter, mostly escaped.
std::string PathFrom(const std::string& route, Random* random) {
  std::vector<std::string> segments = absl::StrSplit(route, '/');
  for (std::string& segment : segments) {
    if (!absl::StartsWith(segment, ":")) continue;
    segment.clear();
    for (const char c : AwkwardText(random).substr(0, 4000)) {
      absl::StrAppend(&segment, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
    if (OneIn(random, 4)) segment += "%";
  }
  return absl::StrJoin(segments, "/");
}

Verdict JsonVerdict(const http::RawReply& reply) {
  const int status = reply.status;
  return {status == 200 || status == 202, status >= 400 && status != 503 && !reply.body.empty(),
          absl::StrCat(status), reply.body};
}

TEST_CASE("bad http: cell", "[bad]") {
  CellWorld world;
  const http::Router routes = rep::NetworkRoutes(*world.calls);
  const auto network = world.Serve(routes);
  HttpClient client(network->port(), world.tls);
  HttpClient onlooker(network->port(), world.tls);
  BadJson bodies(Seed());
  Door door = JsonDoor("cell over HTTP", routes);
  door.draw = [&](size_t) { return bodies.Next(); };
  door.ask = [&](size_t call, const std::string& bytes) {
    const std::string route = PathFrom(door.calls[call], &bodies.random());
    return JsonVerdict(client.Ask(route, bytes, TraceHeader(&bodies.random())));
  };
  door.records = [&] { return onlooker.Ask("GET /state", "").body; };
  Harass(door);
  HarassConnections(
      network->port(), world.tls, "/work",
      R"({"LRPs":[{"process_guid":"never","index":0,"domain":"d","RootFs":"preloaded:busybox"}]})",
      door.records);
  CHECK(client.Ask("GET /state", "").status == 200);
  // Nothing is held for connections that went away in the middle; two are the clients'.
  WaitUntil([&] { return network->connections() <= 2; });
}

TEST_CASE("bad http: a cell's own machine", "[bad]") {
  CellWorld world;
  std::atomic<int> evacuations{0};
  const http::Router routes = rep::LocalRoutes(*world.calls, [&] { ++evacuations; });
  const auto local = world.Serve(routes);
  HarassConnections(local->port(), world.tls, "/evacuate", "{}",
                    [&] { return absl::StrCat(evacuations.load()); });
  HttpClient client(local->port(), world.tls);
  CHECK(client.Ask("POST /evacuate", "").status == 202);
  CHECK(evacuations.load() == 1);
}

TEST_CASE("bad http: auctioneer", "[bad]") {
  World world;
  world.StartBbs();
  world.StartAuctioneer();
  WaitUntil([&] { return world.auctioneer->http_port() != 0; });
  const int port = world.auctioneer->http_port();
  HttpClient client(port, world.tls);
  BadJson bodies(Seed());
  Door door{.name = "auctioneer over HTTP",
            .calls = {"POST /v1/lrps", "POST /v1/tasks"},
            .refusal = "400"};
  door.draw = [&](size_t) { return bodies.Next(); };
  door.ask = [&](size_t call, const std::string& bytes) {
    return JsonVerdict(client.Ask(door.calls[call], bytes, TraceHeader(&bodies.random())));
  };
  // Nothing that is asked for is in the BBS, and nothing gets there.
  door.records = [&] { return world.BbsRecords(); };
  Harass(door);
  HarassConnections(port, world.tls, "/v1/tasks", "[]");
  CHECK(client.Ask("POST /v1/lrps", "[]").status == 202);
  CHECK(world.auctioneer->active());
}

}  // namespace
}  // namespace diego::suite
