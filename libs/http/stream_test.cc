// Streamed answers.
#include <catch2/catch.hpp>

#include <deque>

#include "absl/strings/str_cat.h"
#include "libs/http/server.h"
#include "libs/http/testing/raw_client.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "libs/testing/fake_clock.h"

namespace diego::http {
namespace {

// What one stream is to say; shared with the source that says it.
struct Script {
  struct Data {
    std::deque<std::string> lines;
    bool ended = false;
    bool gone = false;  // the source is
    bool patient = true;
    int asked = 0;  // to be patient
    std::function<void()> wake;
  };
  Guarded<Data> data;

  void Say(std::string line) {
    data.With([&](Data& d) {
      d.lines.push_back(std::move(line));
      return d.wake;
    })();
  }
  void End() {
    data.With([](Data& d) {
      d.ended = true;
      return d.wake;
    })();
  }
  bool WaitUntilGone() {
    return data.When([](const Data& d) { return d.gone; }, absl::Seconds(20),
                     [](Data&, bool held) { return held; });
  }
  size_t Left() {
    return data.With([](const Data& d) { return d.lines.size(); });
  }
  bool WaitUntilAsked() {
    return data.When([](const Data& d) { return d.asked > 0; }, absl::Seconds(20),
                     [](Data&, bool held) { return held; });
  }
  bool WaitUntilOpen() {
    return data.When([](const Data& d) { return d.wake != nullptr; }, absl::Seconds(20),
                     [](Data&, bool held) { return held; });
  }
};

class Source final : public StreamSource {
 public:
  explicit Source(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  ~Source() override {
    script_->data.With([](Script::Data& d) { d.gone = true; });
  }
  Next Write(ChunkWriter* out, size_t enough) override {
    return script_->data.With([&](Script::Data& d) {
      while (!d.lines.empty() && out->size() < enough) {
        out->Write(d.lines.front());
        d.lines.pop_front();
      }
      if (!d.lines.empty()) return Next::kMore;
      return d.ended ? Next::kEnd : Next::kWait;
    });
  }
  bool Patient() override {
    return script_->data.With([](Script::Data& d) {
      ++d.asked;
      return d.patient;
    });
  }

 private:
  const std::shared_ptr<Script> script_;
};

struct Fixture {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::unique_ptr<Server> server;

  explicit Fixture(ServerOptions options = {}, const Clock& clock = RealClock()) {
    options.address = "127.0.0.1:0";
    auto started = Server::Start(
        options,
        [this](const Request&, const Responder& responder) {
          script->data.With([&](Script::Data& d) { d.wake = responder.Waker(); });
          responder.Stream({.content_type = "text/event-stream", .chunk_size_suffix = ";"},
                           std::make_unique<Source>(script));
        },
        clock);
    REQUIRE(started.ok());
    server = *std::move(started);
  }
  std::unique_ptr<RawClient> Open() {
    auto client = RawClient::Plain(server->port());
    REQUIRE(client.ok());
    REQUIRE((*client)->Send("GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n").ok());
    return *std::move(client);
  }
};

TEST_CASE("stream: the head comes at once, each helping when it is there, then the end", "[http]") {
  Fixture fixture;
  auto client = fixture.Open();
  const auto head = client->ReadUntil("\r\n\r\n");
  REQUIRE(head.ok());
  CHECK(head->find("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n") == 0);
  CHECK(head->find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(head->find("Content-Length") == std::string::npos);
  fixture.script->Say("hello");
  CHECK(*client->ReadUntil("hello\r\n") == "5;\r\nhello\r\n");
  fixture.script->Say("sixteen bytes!!!");
  CHECK(*client->ReadUntil("!!!\r\n") == "10;\r\nsixteen bytes!!!\r\n");
  fixture.script->End();
  CHECK(*client->ReadToEnd() == "0\r\n\r\n");
  CHECK(fixture.script->WaitUntilGone());
}

TEST_CASE("stream: a client that goes takes the source with it", "[http]") {
  Fixture fixture;
  auto client = fixture.Open();
  REQUIRE(client->ReadUntil("\r\n\r\n").ok());
  client.reset();
  CHECK(fixture.script->WaitUntilGone());
}

TEST_CASE("stream: a client that takes nothing is given up by its source, or by the server",
          "[http]") {
  const bool by_source = GENERATE(true, false);
  Fixture fixture({.write_timeout = by_source ? absl::Seconds(3600) : absl::Milliseconds(300)});
  fixture.script->data.With([&](Script::Data& d) { d.patient = !by_source; });
  auto client = RawClient::Plain(fixture.server->port());
  REQUIRE(client.ok());
  (*client)->ShrinkReceiveBuffer();
  REQUIRE((*client)->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  REQUIRE(fixture.script->WaitUntilOpen());
  for (int i = 0; i < 200; ++i) fixture.script->Say(std::string(100000, 'x'));
  CHECK(fixture.script->WaitUntilGone());
  // What waits is not asked for: the server holds one helping, not all.
  CHECK(fixture.script->data.With([](Script::Data& d) { return d.lines.size(); }) > 0);
}

TEST_CASE("stream: who is given up hears the end of what was written, if he reads on", "[http]") {
  const bool secure = GENERATE(true, false);
  rpc::TestCertificates certificates;
  ServerOptions options;
  if (secure) options.tls = certificates.For(rpc::Role::kBbs);
  Fixture fixture(options);
  fixture.script->data.With([](Script::Data& d) { d.patient = false; });
  const int port = fixture.server->port();
  auto client = secure ? RawClient::Secure(port, {.files = certificates.For(rpc::Role::kOperator)})
                       : RawClient::Plain(port);
  REQUIRE(client.ok());
  REQUIRE((*client)->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  REQUIRE((*client)->ReadUntil("\r\n\r\n").ok());
  constexpr size_t kLines = 200;
  for (size_t i = 0; i < kLines; ++i) fixture.script->Say(std::string(100000, 'x'));
  REQUIRE(fixture.script->WaitUntilGone());
  const size_t written = kLines - fixture.script->Left();
  CHECK(written < kLines);
  const auto heard = (*client)->ReadToEnd();
  REQUIRE(heard.ok());
  const size_t line = std::string("186a0;\r\n\r\n").size() + 100000;
  CHECK(heard->size() == written * line + 5);
  CHECK(heard->substr(heard->size() - 7) == "\r\n0\r\n\r\n");
}

TEST_CASE("stream: a client that takes a little now and then does not escape the question",
          "[http]") {
  FakeClock clock;
  Fixture fixture({.write_timeout = absl::Hours(1)}, clock);
  auto client = fixture.Open();
  REQUIRE(client->ReadUntil("\r\n\r\n").ok());
  for (int i = 0; i < 1000; ++i) fixture.script->Say(std::string(100000, 'x'));
  // Never a second without a byte taken.
  size_t left = fixture.script->Left();
  for (int round = 0; round < 8; ++round) {
    clock.Advance(absl::Milliseconds(900));
    do {
      REQUIRE(client->ReadExactly(50000).ok());
    } while (fixture.script->Left() == left);
    left = fixture.script->Left();
    REQUIRE(left > 0);
  }
  CHECK(fixture.script->WaitUntilAsked());
}

TEST_CASE("stream: many at a time, each told everything", "[http]") {
  Fixture fixture;
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<std::shared_ptr<Script>> scripts;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(fixture.Open());
    REQUIRE(clients.back()->ReadUntil("\r\n\r\n").ok());
    scripts.push_back(std::exchange(fixture.script, std::make_shared<Script>()));
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& script : scripts) script->Say(absl::StrCat("round ", round));
    for (const auto& client : clients) {
      CHECK(*client->ReadUntil(absl::StrCat("round ", round, "\r\n")) ==
            absl::StrCat("7;\r\nround ", round, "\r\n"));
    }
  }
  fixture.server.reset();
  for (const auto& script : scripts) CHECK(script->WaitUntilGone());
}

TEST_CASE("stream: what a client says meanwhile is overlooked, to a point", "[http]") {
  Fixture fixture;
  auto client = fixture.Open();
  REQUIRE(client->ReadUntil("\r\n\r\n").ok());
  REQUIRE(client->Send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  fixture.script->Say("still here");
  CHECK(client->ReadUntil("still here").ok());
  const std::string noise(64 << 10, 'n');
  for (int i = 0; i < 1000 && client->Send(noise).ok(); ++i) {
  }
  CHECK(fixture.script->WaitUntilGone());
}

}  // namespace
}  // namespace diego::http
