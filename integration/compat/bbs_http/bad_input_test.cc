// Truncated, oversized, wrong-type, unknown-enum and random bytes on every route, for a bounded
// time: no crash, and nothing is changed. A failure tells the seed.
#include "absl/strings/str_cat.h"
#include "integration/compat/bbs_http/fixture.h"
#include "integration/compat/bbs_http/routes.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"

namespace diego::compat {
namespace {

constexpr absl::Duration kFor = absl::Seconds(15);

// A message that some routes would take, if it were not for what is done to it.
std::string SomeMessage(Random* random) {
  switch (random->Below(5)) {
    case 0: return DesireLrp("").SerializeAsString();
    case 1: return DesireTask("").SerializeAsString();
    case 2: return Running<models::StartActualLRPRequest>("", "i", "nowhere").SerializeAsString();
    case 3: {
      models::DesireLRPRequest request = DesireLrp("");
      request.mutable_desired_lrp()->set_update_strategy(
          static_cast<models::DesiredLRP::UpdateStrategy>(77));
      request.mutable_desired_lrp()->add_image_layers()->set_layer_type(
          static_cast<models::ImageLayer::Type>(99));
      return request.SerializeAsString();
    }
    default: return "";
  }
}

std::string Spoilt(Random* random) {
  std::string bytes = SomeMessage(random);
  switch (random->Below(4)) {
    case 0: bytes.resize(random->Below(bytes.size() + 1)); break;
    case 1:
      for (uint64_t i = random->Below(8); i > 0 && !bytes.empty(); --i) {
        bytes[random->Below(bytes.size())] = static_cast<char>(random->Next());
      }
      break;
    case 2:
      bytes.clear();
      for (uint64_t i = random->Below(300); i > 0; --i) bytes += static_cast<char>(random->Next());
      break;
    default: break;
  }
  return bytes;
}

std::string Records(Client& client) {
  std::string records;
  for (const char* path : {"/v1/domains/list", "/v1/desired_lrps/list.r3", "/v1/actual_lrps/list",
                           "/v1/tasks/list.r3"}) {
    records += client.Ask("POST", path, "").body;
  }
  return records;
}

TEST_CASE("compat: bad input on every route does no harm", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  REQUIRE(ErrorOf(client.Call<models::DesiredLRPLifecycleResponse>("/v1/desired_lrp/desire.r2",
                                                                   DesireLrp("kept"))) == "");
  REQUIRE(ErrorOf(client.Call<models::TaskLifecycleResponse>("/v1/tasks/desire.r2",
                                                             DesireTask("kept"))) == "");
  const std::string before = Records(client);
  const uint64_t seed = EntropySeed();
  UNSCOPED_INFO("seed " << seed);
  WARN("seed " << seed);
  Random random(seed);
  // The roles that may make most of the calls.
  Client cell = fixture.Cell("nowhere");
  const absl::Duration end = RealClock().Monotonic() + kFor;
  int requests = 0;
  while (RealClock().Monotonic() < end) {
    for (const Route& route : kRoutes) {
      if (route.kind == Route::kStream) continue;
      INFO("seed " << seed << ", " << route.path);
      const std::string body = Spoilt(&random);
      // Well formed by accident it would be carried out.
      if (std::string(route.path) == "/v1/domains/upsert") continue;
      const http::RawReply reply = (random.Below(2) ? client : cell).Ask("POST", route.path, body);
      REQUIRE(reply.status == 200);
      ++requests;
    }
  }
  CHECK(requests > 100);

  // Bytes that are no HTTP, each on a connection of its own.
  const std::string request = HttpRequest("POST", "/v1/actual_lrps/list", SomeMessage(&random));
  for (int i = 0; i < 40; ++i) {
    Client spoiler = fixture.Operator();
    std::string bytes = request;
    bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
    bytes.resize(random.Below(bytes.size() + 1));
    static_cast<void>(spoiler.raw().Send(bytes));
  }
  Client large = fixture.Operator();
  REQUIRE_OK(large.raw().Send(
      "POST /v1/actual_lrps/list HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"));
  CHECK(large.raw().ReadReply()->status == 413);
  CHECK(Records(client) == before);
}

}  // namespace
}  // namespace diego::compat
