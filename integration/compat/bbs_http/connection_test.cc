// What holds for every route: TLS, methods, paths, statuses, and who is listening.
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "integration/compat/bbs_http/fixture.h"
#include "integration/compat/bbs_http/routes.h"
#include "integration/harness/eventually.h"

namespace diego::compat {
namespace {

TEST_CASE("compat: every route is there, with its method only", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  for (const Route& route : kRoutes) {
    INFO(route.path);
    const bool get = std::string(route.method) == "GET";
    const http::RawReply wrong = client.Ask(get ? "POST" : "GET", route.path, "");
    CHECK(wrong.status == 405);
    CHECK(wrong.header("Allow") == route.method);
    CHECK(absl::StartsWith(wrong.header("Content-Type"), "text/plain"));
    CHECK(client.Ask(route.method, std::string(route.path) + "/x", "").status == 404);
    if (route.kind == Route::kStream) continue;
    const http::RawReply right = client.Ask(route.method, route.path, "");
    CHECK(right.status == 200);
    CHECK(right.header("Content-Type") == "application/x-protobuf");
  }
  CHECK(client.Ask("POST", "/v1/nothing", "").status == 404);
  CHECK(client.Ask("GET", "/", "").status == 404);
}

TEST_CASE("compat: a body that is no message is answered as the original does", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  for (const Route& route : kRoutes) {
    INFO(route.path);
    if (route.kind == Route::kStream) continue;
    const http::RawReply reply = client.Ask(route.method, route.path, "\xff\xff\xff");
    REQUIRE(reply.status == 200);
    if (route.kind == Route::kNoBody) {
      CHECK_FALSE(absl::StrContains(reply.body, "invalid"));
      continue;
    }
    models::EvacuationResponse answer;
    REQUIRE(answer.ParseFromString(reply.body));
    CHECK(ErrorOf(answer) == "InvalidRequest: the request received is invalid");
    CHECK(answer.keep_container() == (route.kind == Route::kKeepContainer));
  }
  // A bad filter of a stream.
  for (const Route& route : kRoutes) {
    if (route.kind != Route::kStream || std::string(route.request).empty()) continue;
    INFO(route.path);
    CHECK(client.Ask(route.method, route.path, "\xff\xff\xff").status == 500);
  }
}

TEST_CASE("compat: TLS as the original's clients have it, and no other", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  const rpc::TlsFiles own = fixture.TlsFor(rpc::Role::kOperator);
  const auto status = [&](const http::RawClient::Tls& tls) {
    auto raw = http::RawClient::Secure(fixture.HttpPort(), tls);
    if (!raw.ok() || !(*raw)->Send(HttpRequest("POST", "/v1/ping", "")).ok()) return 0;
    const auto reply = (*raw)->ReadReply();
    return reply.ok() ? reply->status : 0;
  };
  CHECK(status({.files = own, .version = TLS1_2_VERSION}) == 200);
  CHECK(status({.files = own, .version = TLS1_3_VERSION}) == 200);
  CHECK(status({.files = own, .version = TLS1_1_VERSION}) == 0);
  CHECK(status({.files = {own.ca_file, "", ""}}) == 0);
  auto plain = http::RawClient::Plain(fixture.HttpPort());
  REQUIRE_OK(plain.status());
  REQUIRE_OK((*plain)->Send(HttpRequest("POST", "/v1/ping", "")));
  CHECK_FALSE((*plain)->ReadReply().ok());
}

TEST_CASE("compat: requests may be sent ahead", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  std::string ahead;
  for (int i = 0; i < 100; ++i) {
    models::UpsertDomainRequest upsert;
    upsert.set_domain("domain-" + std::to_string(i));
    ahead += HttpRequest("POST", "/v1/domains/upsert", upsert.SerializeAsString());
  }
  ahead += HttpRequest("POST", "/v1/domains/list", "");
  REQUIRE_OK(client.raw().Send(ahead));
  for (int i = 0; i < 100; ++i) CHECK(client.raw().ReadReply()->status == 200);
  // Sent after all the others were answered, it sees them.
  models::DomainsResponse domains;
  REQUIRE(domains.ParseFromString(client.raw().ReadReply()->body));
  CHECK(domains.domains_size() == 100);
}

TEST_CASE("compat: the access log has a line for each request", "[compat]") {
  Fixture fixture(harness::Store::kSqlite);
  Client client = fixture.Operator();
  client.Ask("POST", "/v1/ping", "");
  client.Ask("GET", "/v1/nothing?a=b", "", "X-Vcap-Request-Id: AB12-cd34\r\n");
  std::ifstream file(fixture.deployment().cluster().directory() + "/logs/bbs-1.access.log");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], Catch::Contains("\"path\":\"/v1/ping\"") &&
                           Catch::Contains("\"status\":200") &&
                           Catch::Contains("\"method\":\"POST\""));
  CHECK_THAT(lines[1], Catch::Contains("\"path\":\"/v1/nothing\"") &&
                           Catch::Contains("\"status\":404") &&
                           Catch::Contains("\"trace_id\":\"ab12cd34\""));
}

TEST_CASE("compat: a standby does not listen, but is healthy; its place is taken over",
          "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql), 2);
  harness::Cluster& cluster = fixture.deployment().cluster();
  const auto listens = [&](int bbs) { return http::RawClient::Plain(fixture.HttpPort(bbs)).ok(); };
  const auto active = cluster.ActiveBbs();
  REQUIRE_OK(active.status());
  const int first = *active == "bbs-1" ? 1 : 2;
  CHECK(listens(first));
  CHECK_FALSE(listens(3 - first));
  for (const int bbs : {1, 2}) {
    auto health = http::RawClient::Plain(fixture.HealthPort(bbs));
    REQUIRE_OK(health.status());
    for (const char* request :
         {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /any/path HTTP/1.1\r\nHost: a\r\n\r\n"}) {
      REQUIRE_OK((*health)->Send(request));
      CHECK((*health)->ReadReply()->status == 200);
    }
  }
  REQUIRE_OK(cluster.KillHard(*active));
  REQUIRE_OK(harness::Eventually("the other to listen", absl::Seconds(60), [&] {
    return listens(3 - first) ? absl::OkStatus() : absl::UnavailableError("it does not");
  }));
  // It may still be loading: 503 then, on every route, and no body.
  REQUIRE_OK(harness::Eventually("the other to serve", absl::Seconds(60), [&]() -> absl::Status {
    auto raw = http::RawClient::Secure(fixture.HttpPort(3 - first),
                                       {.files = fixture.TlsFor(rpc::Role::kOperator)});
    if (!raw.ok()) return raw.status();
    absl::Status sent = (*raw)->Send(HttpRequest("POST", "/v1/ping", ""));
    if (!sent.ok()) return sent;
    const auto reply = (*raw)->ReadReply();
    if (!reply.ok()) return reply.status();
    if (reply->status == 503 && reply->body.empty()) return absl::UnavailableError("503");
    return reply->status == 200 ? absl::OkStatus()
                                : absl::AbortedError(std::to_string(reply->status));
  }));
}

}  // namespace
}  // namespace diego::compat
