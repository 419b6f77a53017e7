// What the HTTP API answers while no term serves, and what of its errors ends the process.
// Source: reference/bbs-http-api.md "Conventions".
#include "services/bbs/api/http_api.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/clock.h"
#include "libs/http/server.h"
#include "libs/http/testing/raw_client.h"
#include "libs/models/error.h"
#include "libs/sync/guarded.h"

namespace diego::bbs {
namespace {

class NoMetrics final : public ApiMetrics {
 public:
  void CallEnded(BbsCall, const absl::Status&, absl::Duration) override {}
  void CallRepeated(BbsCall) override {}
};

struct Fixture {
  ActiveTerm active;
  NoMetrics metrics;
  BbsCalls calls{active, RealClock(), {}, &metrics, log::Logger::Discard()};
  Guarded<int> ends;
  HttpApi api{calls, rpc::PeerRules(), [this] { ends.With([](int& count) { ++count; }); }};
};

std::string Ask(const std::string& method, const std::string& path) {
  return absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("http api: while no term serves, every route is 503 without a body", "[bbs][api]") {
  Fixture fixture;
  const http::Router router = fixture.api.Routes();
  auto server = http::Server::Start({.address = "127.0.0.1:0"}, router.ToHandler());
  REQUIRE(server.ok());
  auto client = http::RawClient::Plain((*server)->port());
  REQUIRE(client.ok());
  REQUIRE(router.routes().size() == 50);
  for (const std::string& route : router.routes()) {
    INFO(route);
    const std::pair<std::string, std::string> words = absl::StrSplit(route, ' ');
    REQUIRE((*client)->Send(Ask(words.first, words.second)).ok());
    const auto reply = (*client)->ReadReply();
    REQUIRE(reply.ok());
    CHECK(reply->status == 503);
    CHECK(reply->body.empty());
    CHECK(reply->header("Content-Length") == "0");
  }
}

TEST_CASE("http api: an unrecoverable error is answered, and then the process is to end",
          "[bbs][api]") {
  Fixture fixture;
  http::Router router;
  router.Add("POST", "/x", [&fixture](const http::Request&, const http::Responder& responder) {
    fixture.api.Refuse(DiegoError(ErrorType::kUnrecoverable), responder,
                       [](const models::Error& error) { return error.message(); });
  });
  auto server = http::Server::Start({.address = "127.0.0.1:0"}, router.ToHandler());
  REQUIRE(server.ok());
  auto client = http::RawClient::Plain((*server)->port());
  REQUIRE(client.ok());
  REQUIRE((*client)->Send(Ask("POST", "/x")).ok());
  const auto reply = (*client)->ReadReply();
  REQUIRE(reply.ok());
  CHECK(reply->status == 200);
  CHECK(reply->header("Content-Type") == "application/x-protobuf");
  CHECK(fixture.ends.When([](int count) { return count == 1; }, absl::Seconds(20),
                          [](int, bool held) { return held; }));
}

}  // namespace
}  // namespace diego::bbs
