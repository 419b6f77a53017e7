#include "libs/http/access_log.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "libs/testing/fake_clock.h"

namespace diego::http {
namespace {

// What was answered.
class Ending final : public ResponseSink {
 public:
  void Send(Response response) override { status = response.status; }
  void Stream(StreamHead head, std::unique_ptr<StreamSource>) override { status = head.status; }
  std::function<void()> Waker() override {
    return [this] { ++wakes; };
  }
  int status = 0;
  int wakes = 0;
};

Request Asking(const char* method, const char* path) {
  Request request;
  request.method = method;
  request.path = path;
  return request;
}

struct World {
  FakeClock clock;
  std::vector<nlohmann::json> lines;
  std::shared_ptr<Ending> ending = std::make_shared<Ending>();
  log::Logger log{{.component = "bbs-access",
                   .sink =
                       [this](absl::string_view line) {
                         lines.push_back(nlohmann::json::parse(line.begin(), line.end()));
                       },
                   .clock = &clock}};

  void Ask(Request request, Handler handler) {
    WithAccessLog(std::move(handler), log, clock)(std::move(request), Responder(ending));
  }
};

TEST_CASE("access log: a line for each request, once it is answered", "[http]") {
  World world;
  Request request = Asking("POST", "/v1/ping");
  request.headers = {{"x-vcap-request-id", "A-b"}};
  request.peer = rpc::PeerIdentity{};
  request.peer->common_name = "rep";
  std::optional<Responder> later;
  world.Ask(request, [&](const Request& asked, const Responder& responder) {
    CHECK(asked.path == "/v1/ping");
    later = responder;
  });
  CHECK(world.lines.empty());
  world.clock.Advance(absl::Milliseconds(20));
  later->Send({.status = 404, .body = "gone"});
  CHECK(world.ending->status == 404);
  REQUIRE(world.lines.size() == 1);
  CHECK(world.lines[0]["message"] == "bbs-access.request");
  const nlohmann::json& data = world.lines[0]["data"];
  CHECK(data["method"] == "POST");
  CHECK(data["path"] == "/v1/ping");
  CHECK(data["status"] == 404);
  CHECK(data["bytes"] == 4);
  CHECK(data["took"] == "20ms");
  CHECK(data["peer"] == "rep");
  CHECK(data["trace_id"] == "ab");
  // Further answers do not count.
  later->Send({});
  CHECK(world.lines.size() == 1);
}

TEST_CASE("access log: streams when they begin, and requests that nobody answered", "[http]") {
  World world;
  world.Ask(Asking("GET", "/v1/events"), [](const Request&, const Responder& responder) {
    responder.Waker()();
    responder.Stream({}, nullptr);
  });
  CHECK(world.ending->wakes == 1);
  REQUIRE(world.lines.size() == 1);
  CHECK(world.lines[0]["data"]["stream"] == true);
  CHECK(world.lines[0]["data"]["status"] == 200);
  CHECK_FALSE(world.lines[0]["data"].contains("peer"));
  world.Ask(Asking("GET", "/forgotten"), [](const Request&, const Responder&) {});
  REQUIRE(world.lines.size() == 2);
  CHECK(world.lines[1]["data"]["status"] == 500);
  CHECK(world.ending->status == 500);
}

}  // namespace
}  // namespace diego::http
