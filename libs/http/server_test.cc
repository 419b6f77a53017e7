#include "libs/http/server.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/http/testing/raw_client.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"

namespace diego::http {
namespace {

using rpc::Role;

// "METHOD path body role cell" of each request; `/later` is answered when the test says so.
struct Echo {
  Handler handler() {
    return [this](Request request, Responder responder) {
      if (request.path == "/forget") return;
      if (request.path == "/later") {
        return waiting.With([&](auto& all) { all.push_back(std::move(responder)); });
      }
      Response response{.content_type = "text/plain"};
      response.body = absl::StrCat(request.method, " ", request.path, " ", request.body);
      if (request.path == "/large") response.body = std::string(20 << 20, 'l');
      if (request.peer) {
        absl::StrAppend(&response.body, " ", std::string(rpc::RoleName(request.peer->role)), " ",
                        request.peer->cell_id.value(), " ", request.peer->common_name);
      }
      responder.Send(std::move(response));
    };
  }
  Responder WaitForLater() {
    return waiting.When([](const auto& all) { return !all.empty(); }, absl::Seconds(20),
                        [](auto& all, bool) {
                          Responder first = all.front();
                          all.erase(all.begin());
                          return first;
                        });
  }
  Guarded<std::vector<Responder>> waiting;
};

std::string Get(absl::string_view path) {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: bbs\r\n\r\n");
}

std::unique_ptr<Server> Serve(ServerOptions options, Handler handler) {
  options.address = "127.0.0.1:0";
  auto server = Server::Start(std::move(options), std::move(handler));
  INFO(server.status());
  REQUIRE(server.ok());
  return *std::move(server);
}

RawReply Ask(RawClient& client, absl::string_view bytes) {
  REQUIRE(client.Send(bytes).ok());
  auto reply = client.ReadReply();
  INFO(reply.status());
  REQUIRE(reply.ok());
  return *reply;
}

TEST_CASE("http server: answers over mutual TLS and knows its peer", "[http]") {
  using Anchor = rpc::TestCertificates::Anchor;
  rpc::TestCertificates certificates(GENERATE(Anchor::kRoot, Anchor::kIntermediate));
  Echo echo;
  auto server = Serve({.tls = certificates.For(Role::kBbs)}, echo.handler());
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto client = RawClient::Secure(
      server->port(), {.files = certificates.For(Role::kRep, "cell-1"), .version = version});
  INFO(client.status());
  REQUIRE(client.ok());
  const RawReply reply =
      Ask(**client, "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi");
  CHECK(reply.status == 200);
  CHECK(reply.body == "POST /a hi rep cell-1 cell-1");
  CHECK(reply.header("Content-Type") == "text/plain");
  CHECK(absl::EndsWith(reply.header("Date"), " GMT"));
  CHECK(reply.header("Connection").empty());
  // The connection is kept.
  CHECK(Ask(**client, Get("/b")).body == "GET /b  rep cell-1 cell-1");
  CHECK(server->connections() == 1);
}

TEST_CASE("http server: refuses clients without a certificate, of another CA, and old TLS",
          "[http]") {
  rpc::TestCertificates certificates;
  rpc::TestCertificates others;
  Echo echo;
  auto server = Serve({.tls = certificates.For(Role::kBbs)}, echo.handler());
  const rpc::TlsFiles own = certificates.For(Role::kRep, "c");
  const rpc::TlsFiles foreign = others.For(Role::kOperator);
  const auto refused = [&](RawClient::Tls tls) {
    auto client = RawClient::Secure(server->port(), tls);
    if (!client.ok()) return true;
    // With TLS 1.3 a client learns only now that its certificate was refused.
    if (!(*client)->Send(Get("/a")).ok()) return true;
    return !(*client)->ReadReply().ok();
  };
  CHECK_FALSE(refused({.files = own}));
  CHECK(refused({.files = {own.ca_file, "", ""}}));
  CHECK(refused({.files = {own.ca_file, "", ""}, .version = TLS1_2_VERSION}));
  CHECK(refused({.files = {own.ca_file, foreign.cert_file, foreign.key_file}}));
  CHECK(refused({.files = own, .version = TLS1_1_VERSION}));
  CHECK(refused(
      {.files = own, .version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-CHACHA20-POLY1305"}));
  CHECK_FALSE(refused(
      {.files = own, .version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES128-GCM-SHA256"}));

  // What is no TLS at all.
  auto plain = RawClient::Plain(server->port());
  REQUIRE(plain.ok());
  REQUIRE((*plain)->Send(Get("/a") + std::string(1000, '\x16')).ok());
  CHECK((*plain)->ReadToEnd().ok());
}

TEST_CASE("http server: answers what is sent ahead, in its order", "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto client = RawClient::Plain(server->port());
  REQUIRE(client.ok());
  std::string ahead;
  for (int i = 0; i < 2000; ++i) {
    ahead += i == 7 ? Get("/later") : Get(absl::StrCat("/", i));
  }
  REQUIRE((*client)->Send(ahead).ok());
  for (int i = 0; i < 7; ++i) CHECK((*client)->ReadReply()->body == absl::StrCat("GET /", i, " "));
  // Nothing overtakes the eighth.
  const Responder later = echo.WaitForLater();
  CHECK(absl::IsDeadlineExceeded((*client)->ReadReply(absl::Milliseconds(50)).status()));
  later.Send({.status = 202, .body = "at last"});
  CHECK((*client)->ReadReply()->body == "at last");
  for (int i = 8; i < 2000; ++i) {
    const auto reply = (*client)->ReadReply();
    REQUIRE(reply.ok());
    REQUIRE(reply->body == absl::StrCat("GET /", i, " "));
  }
}

TEST_CASE("http server: closes after an answer when the client asks for it", "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto client = RawClient::Plain(server->port());
  REQUIRE(client.ok());
  const RawReply reply = Ask(**client, "GET /a HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
  CHECK(reply.header("Connection") == "close");
  CHECK(*(*client)->ReadToEnd() == "");
}

TEST_CASE("http server: sends large answers whole, also to slow readers", "[http]") {
  rpc::TestCertificates certificates;
  Echo echo;
  const bool secure = GENERATE(true, false);
  ServerOptions options;
  if (secure) options.tls = certificates.For(Role::kBbs);
  auto server = Serve(options, echo.handler());
  auto client = secure ? RawClient::Secure(server->port(), {.files = certificates.For(Role::kBbs)})
                       : RawClient::Plain(server->port());
  REQUIRE(client.ok());
  const RawReply reply = Ask(**client, Get("/large"));
  CHECK(reply.body.size() >= 20u << 20);
  CHECK(reply.body.substr(0, 20u << 20) == std::string(20u << 20, 'l'));
  CHECK(Ask(**client, Get("/a")).status == 200);
}

TEST_CASE("http server: tells a client that waits for it to send its body", "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto client = RawClient::Plain(server->port());
  REQUIRE(client.ok());
  REQUIRE(
      (*client)
          ->Send("POST /a HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
          .ok());
  CHECK(*(*client)->ReadUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(Ask(**client, "body").body == "POST /a body");
}

TEST_CASE("http server: a request that everybody forgot is answered 500", "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto client = RawClient::Plain(server->port());
  REQUIRE(client.ok());
  CHECK(Ask(**client, Get("/forget")).status == 500);
  CHECK(Ask(**client, Get("/a")).status == 200);
}

TEST_CASE("http server: new certificates serve new connections, and the old go on", "[http]") {
  rpc::TestCertificates certificates;
  Echo echo;
  const rpc::TlsFiles files = certificates.For(Role::kBbs);
  auto server = Serve({.tls = files, .certificate_refresh = absl::Milliseconds(1)}, echo.handler());
  const rpc::TlsFiles own = certificates.For(Role::kOperator);
  auto before = RawClient::Secure(server->port(), {.files = own});
  REQUIRE(before.ok());
  // Half of a pair is not taken; the whole is.
  rpc::TestCertificates others;
  const rpc::TlsFiles strange = others.For(Role::kBbs);
  const auto copy = [](const std::string& from, const std::string& to) {
    std::error_code error;
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
    REQUIRE_FALSE(error);
  };
  copy(strange.cert_file, files.cert_file);
  CHECK(RawClient::Secure(server->port(), {.files = own}).ok());
  copy(strange.key_file, files.key_file);
  const absl::Duration end = RealClock().Monotonic() + absl::Seconds(20);
  bool replaced = false;
  while (!replaced && RealClock().Monotonic() < end) {
    auto client = RawClient::Secure(server->port(),
                                    {.files = {strange.ca_file, own.cert_file, own.key_file}});
    replaced = client.ok();
  }
  CHECK(replaced);
  CHECK(Ask(**before, Get("/a")).status == 200);
}

TEST_CASE("http server: ends with grace: what is under way is answered, then all is closed",
          "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto idle = RawClient::Plain(server->port());
  auto busy = RawClient::Plain(server->port());
  REQUIRE((idle.ok() && busy.ok()));
  CHECK(Ask(**idle, Get("/a")).status == 200);
  REQUIRE((*busy)->Send(Get("/later")).ok());
  const Responder later = echo.WaitForLater();
  Worker stop("stop", [&] {
    server->Shutdown(absl::Seconds(20));
    return absl::Hours(1);
  });
  CHECK(*(*idle)->ReadToEnd() == "");
  later.Send({.body = "goodbye"});
  CHECK((*busy)->ReadReply()->body == "goodbye");
  CHECK(*(*busy)->ReadToEnd() == "");
  stop.Stop();
  CHECK_FALSE(RawClient::Plain(server->port()).ok());
  CHECK(server->connections() == 0);
}

TEST_CASE("http server: an answer after the server's end is dropped", "[http]") {
  Echo echo;
  auto server = Serve({}, echo.handler());
  auto client = RawClient::Plain(server->port());
  REQUIRE(client.ok());
  REQUIRE((*client)->Send(Get("/later")).ok());
  const Responder later = echo.WaitForLater();
  const std::function<void()> wake = later.Waker();
  server.reset();
  later.Send({.body = "too late"});
  wake();
  CHECK(*(*client)->ReadToEnd() == "");
}

TEST_CASE("http server: what it cannot listen on is an error that says so", "[http]") {
  Echo echo;
  const auto start = [&](ServerOptions options) {
    return Server::Start(std::move(options), echo.handler()).status();
  };
  auto server = Serve({}, echo.handler());
  CHECK(absl::IsUnavailable(start({.address = server->address()})));
  CHECK(absl::IsInvalidArgument(start({.address = "127.0.0.1"})));
  CHECK(absl::IsInvalidArgument(start({.address = "0.0.0.0:0"})));  // plain
  CHECK(start({.address = "0.0.0.0:0", .plain_anywhere = true}).ok());
  CHECK(start({.address = "localhost:0"}).ok());
  CHECK(absl::IsInvalidArgument(start({.address = "127.0.0.1:0", .tls = rpc::TlsFiles{}})));
}

}  // namespace
}  // namespace diego::http
