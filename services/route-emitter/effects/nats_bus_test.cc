#include "services/route-emitter/effects/nats_bus.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/harness/process.h"
#include "integration/harness/router.h"
#include "libs/base/clock.h"
#include "libs/sync/guarded.h"

namespace diego::route_emitter {
namespace {

// A NATS server of this test's own.
struct Nats {
  Nats() { Start(); }
  void Start() {
    harness::ProcessOptions options;
    options.name = "nats-server";
    options.argv = {"nats-server", "-a", "127.0.0.1", "-p", absl::StrCat(port)};
    options.log_file = "/dev/null";
    auto started = harness::Process::Start(options);
    REQUIRE(started.ok());
    process = *std::move(started);
  }
  std::unique_ptr<harness::Router> Router() {
    std::unique_ptr<harness::Router> router;
    REQUIRE(harness::Eventually("NATS to answer", absl::Seconds(10), [&]() -> absl::Status {
              auto connected = harness::Router::Connect(absl::StrCat("nats://127.0.0.1:", port), 7);
              if (connected.ok()) router = *std::move(connected);
              return connected.status();
            }).ok());
    return router;
  }
  NatsOptions Options() const {
    NatsOptions options;
    options.addresses = {absl::StrCat("127.0.0.1:", port)};
    return options;
  }
  const int port = harness::FreePort();
  std::unique_ptr<harness::Process> process;
};

Messages Registration(const std::string& uri) {
  Messages messages;
  RegistryMessage message;
  message.host = "10.0.0.1";
  message.port = 61000;
  message.uris = {uri};
  messages.registrations = {message};
  return messages;
}

TEST_CASE("nats: routers are greeted, answer, and hear of routes", "[route-emitter][nats]") {
  Nats nats;
  const auto router = nats.Router();
  auto bus = NatsBus::Connect(nats.Options(), log::Logger::Discard());
  REQUIRE(bus.ok());
  Guarded<std::vector<RouterStart>> starts;
  REQUIRE((*bus)
              ->Listen(RouterKind::kRouter,
                       [&](const RouterStart& start) {
                         starts.With([&](auto& all) { all.push_back(start); });
                       })
              .ok());
  REQUIRE((*bus)->Greet(RouterKind::kRouter).ok());
  CHECK(starts.When([](const auto& all) { return !all.empty(); }, absl::Seconds(10),
                    [](auto&, bool held) { return held; }));
  CHECK(starts.With([](const auto& all) { return all.at(0).minimum_register_interval; }) ==
        absl::Seconds(7));
  CHECK_FALSE((*bus)->Greet(RouterKind::kServiceDiscovery).ok());  // nobody listens for them

  Messages messages = Registration("web.com");
  REQUIRE((*bus)->Publish(messages).ok());
  CHECK(harness::Eventually("the route", absl::Seconds(10), [&] {
          return router->Endpoints("web.com").count("10.0.0.1:61000") > 0
                     ? absl::OkStatus()
                     : absl::NotFoundError("not yet");
        }).ok());
  messages.unregistrations.swap(messages.registrations);
  REQUIRE((*bus)->Publish(messages).ok());
  CHECK(harness::Eventually("the route to go", absl::Seconds(10), [&] {
          return router->Endpoints("web.com").empty() ? absl::OkStatus()
                                                      : absl::InternalError("still there");
        }).ok());
}

TEST_CASE("nats: it connects later when no server is there, and again when one was lost",
          "[route-emitter][nats]") {
  Nats nats;
  nats.process.reset();
  auto bus = NatsBus::Connect(nats.Options(), log::Logger::Discard());
  REQUIRE(bus.ok());
  for (int round = 0; round < 2; ++round) {
    nats.process.reset();
    nats.Start();
    const auto router = nats.Router();
    const std::string uri = absl::StrCat("web-", round, ".com");
    CHECK(harness::Eventually("the route", absl::Seconds(20), [&] {
            (void)(*bus)->Publish(Registration(uri));
            return router->Endpoints(uri).empty() ? absl::NotFoundError("not yet")
                                                  : absl::OkStatus();
          }).ok());
  }
}

TEST_CASE("nats: it closes without waiting", "[route-emitter][nats]") {
  Nats nats;
  const auto router = nats.Router();
  auto bus = NatsBus::Connect(nats.Options(), log::Logger::Discard());
  REQUIRE(bus.ok());
  REQUIRE((*bus)->Listen(RouterKind::kRouter, [](const RouterStart&) {}).ok());
  REQUIRE((*bus)->Publish(Registration("last.com")).ok());
  const absl::Duration began = RealClock().Monotonic();
  bus->reset();
  CHECK(RealClock().Monotonic() - began < absl::Milliseconds(900));
  CHECK(harness::Eventually("what was published last", absl::Seconds(10), [&] {
          return router->Endpoints("last.com").empty() ? absl::NotFoundError("not yet")
                                                       : absl::OkStatus();
        }).ok());
}

TEST_CASE("nats: options that can never work are refused", "[route-emitter][nats]") {
  CHECK(absl::IsInvalidArgument(NatsBus::Connect({}, log::Logger::Discard()).status()));
  NatsOptions options;
  options.addresses = {"127.0.0.1:1"};
  options.tls = true;
  options.ca_file = "/nonexistent/ca.crt";
  CHECK_FALSE(NatsBus::Connect(options, log::Logger::Discard()).ok());
}

}  // namespace
}  // namespace diego::route_emitter
