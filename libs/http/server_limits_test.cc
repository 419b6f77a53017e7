// What the HTTP server holds against clients that are slow, large, many or confused.
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/http/server.h"
#include "libs/http/testing/raw_client.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::http {
namespace {

void SayHello(const Request& request, const Responder& responder) {
  responder.Send({.body = request.path == "/large" ? std::string(64 << 20, 'l') : "hello"});
}

std::unique_ptr<Server> Serve(ServerOptions options) {
  options.address = "127.0.0.1:0";
  auto server = Server::Start(std::move(options), SayHello);
  INFO(server.status());
  REQUIRE(server.ok());
  return *std::move(server);
}

std::unique_ptr<RawClient> Connect(const Server& server) {
  auto client = RawClient::Plain(server.port());
  REQUIRE(client.ok());
  return *std::move(client);
}

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_CASE("http limits: a header or body that does not come in time is answered 408", "[http]") {
  const bool in_body = GENERATE(true, false);
  auto server = Serve({.header_timeout = absl::Milliseconds(in_body ? 60000 : 100),
                       .body_timeout = absl::Milliseconds(in_body ? 100 : 60000)});
  auto client = Connect(*server);
  REQUIRE(client->Send(kGet).ok());
  CHECK(client->ReadReply()->status == 200);
  REQUIRE(client
              ->Send(in_body ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"
                             : "POST / HTTP/1.1\r\nHos")
              .ok());
  const auto reply = client->ReadReply();
  REQUIRE(reply.ok());
  CHECK(reply->status == 408);
  CHECK(reply->header("Connection") == "close");
  CHECK(client->ReadToEnd().ok());
}

TEST_CASE("http limits: who says nothing is closed without a word", "[http]") {
  rpc::TestCertificates certificates;
  const bool secure = GENERATE(true, false);
  ServerOptions options{.handshake_timeout = absl::Milliseconds(100),
                        .idle_timeout = absl::Milliseconds(100)};
  if (secure) options.tls = certificates.For(rpc::Role::kBbs);
  auto server = Serve(options);
  auto client = Connect(*server);
  const auto heard = client->ReadToEnd();
  REQUIRE(heard.ok());
  CHECK(heard->empty());
}

TEST_CASE("http limits: who takes nothing of its answer is closed", "[http]") {
  auto server = Serve({.write_timeout = absl::Milliseconds(200)});
  auto client = Connect(*server);
  client->ShrinkReceiveBuffer();
  REQUIRE(client->Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  const absl::Duration end = RealClock().Monotonic() + absl::Seconds(20);
  while (server->connections() > 0 && RealClock().Monotonic() < end) {
  }
  CHECK(server->connections() == 0);
}

TEST_CASE("http limits: what is too large is refused before it is read", "[http]") {
  auto server = Serve({.limits = {.header_bytes = 1000, .body_bytes = 1 << 20}});
  auto client = Connect(*server);
  struct Case {
    std::string bytes;
    int status;
  };
  const Case c = GENERATE(values<Case>({
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n" + std::string(1 << 19, 'x'),
       413},
      {"POST / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100000, 'x'), 431},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + std::string(1 << 20, 'x'),
       200},
  }));
  REQUIRE(client->Send(c.bytes).ok());
  const auto reply = client->ReadReply();
  INFO(reply.status());
  REQUIRE(reply.ok());
  CHECK(reply->status == c.status);
}

TEST_CASE("http limits: more connections than there may be are closed at once", "[http]") {
  auto server = Serve({.connections = 2});
  auto first = Connect(*server);
  auto second = Connect(*server);
  REQUIRE((first->Send(kGet).ok() && second->Send(kGet).ok()));
  CHECK((first->ReadReply().ok() && second->ReadReply().ok()));
  auto third = Connect(*server);
  CHECK(third->ReadToEnd().ok());
  first.reset();
  // The place is free again.
  const absl::Duration end = RealClock().Monotonic() + absl::Seconds(20);
  bool served = false;
  while (!served && RealClock().Monotonic() < end) {
    auto fourth = Connect(*server);
    served = fourth->Send(kGet).ok() && fourth->ReadReply().ok();
  }
  CHECK(served);
}

TEST_CASE("http limits: bytes without sense do no harm", "[http]") {
  rpc::TestCertificates certificates;
  const bool secure = GENERATE(true, false);
  ServerOptions options;
  if (secure) options.tls = certificates.For(rpc::Role::kBbs);
  auto server = Serve(options);
  const uint64_t seed = EntropySeed();
  INFO("seed " << seed);
  Random random(seed);
  const std::string valid = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nnine byte";
  for (int i = 0; i < 300; ++i) {
    auto client = Connect(*server);
    std::string bytes = valid;
    const size_t changes = random.Next() % 8;
    for (size_t n = 0; n < changes; ++n) {
      bytes[random.Next() % bytes.size()] = static_cast<char>(random.Next());
    }
    bytes.resize(random.Next() % (bytes.size() + 1));
    static_cast<void>(client->Send(bytes));
  }
  auto client =
      secure ? RawClient::Secure(server->port(), {.files = certificates.For(rpc::Role::kOperator)})
             : RawClient::Plain(server->port());
  REQUIRE(client.ok());
  REQUIRE((*client)->Send(kGet).ok());
  CHECK((*client)->ReadReply()->body == "hello");
}

}  // namespace
}  // namespace diego::http
