#include "services/route-emitter/engine/emit_loop.h"

#include <catch2/catch.hpp>

#include "libs/testing/fake_clock.h"

namespace diego::route_emitter {
namespace {

// Routers that take whatever they are told, or do not.
class FakeBus final : public RouterBus {
 public:
  absl::Status Greet(RouterKind) override {
    ++greetings;
    return absl::OkStatus();
  }
  absl::Status Publish(const Messages& messages) override {
    if (away) return absl::UnavailableError("no NATS");
    published.push_back(messages);
    return absl::OkStatus();
  }
  int greetings = 0;
  bool away = false;
  std::vector<Messages> published;
};

struct World {
  explicit World(RouterKind kind = RouterKind::kRouter)
      : registry("route_emitter"),
        metrics(registry),
        state({{false, true}, 2, 100, 3}),
        emit(kind, 0.2, bus, state, clock, 1, metrics, log::Logger::Discard(),
             [this](const absl::Status& why) { given_up.push_back(why); }),
        publish(bus, state, metrics, log::Logger::Discard()) {}

  // A route with an instance.
  void AddWeb() {
    RoutingInfo info;
    info.process_guid = ProcessGuid("web");
    info.instances = 1;
    info.http_routes.push_back({8080, "web.com", "", "", "", ""});
    info.internal_hostnames = {"web.internal"};
    state.Update([&](RoutingTable& table) { return table.Apply(DesiredSet{info}); });
    state.Update([&](RoutingTable& table) { return table.Apply(InstanceCreated{Web()}); });
  }
  static ActualLrp Web() {
    ActualLrp lrp;
    lrp.key.process_guid = ProcessGuid("web");
    lrp.instance.instance_guid = InstanceGuid("a");
    lrp.state = ActualLrpState::kRunning;
    lrp.net_info.address = "10.0.0.1";
    lrp.net_info.instance_address = "10.255.0.1";
    lrp.net_info.ports = {{8080, 61000, 0, 0}};
    return lrp;
  }
  void Drain() {
    while (auto messages = state.Pop(absl::ZeroDuration())) (void)bus.Publish(*messages);
  }

  FakeClock clock;
  metrics::Registry registry;
  EmitterMetrics metrics;
  FakeBus bus;
  std::vector<absl::Status> given_up;
  RouteState state;
  EmitLoop emit;
  PublishLoop publish;
};

TEST_CASE("emit: routers are greeted each second until one answers", "[route-emitter][emit]") {
  World world;
  for (int i = 0; i < 5; ++i) CHECK(world.emit.Step() == absl::Seconds(1));
  CHECK(world.bus.greetings == 5);
  world.emit.OnRouterStart({absl::Seconds(20), absl::Seconds(120)});
  CHECK(world.emit.Step() == absl::Seconds(20));
  CHECK(world.bus.greetings == 5);
}

TEST_CASE("emit: thirty greetings without an answer are the end", "[route-emitter][emit]") {
  World world;
  for (int i = 0; i < 30; ++i) world.emit.Step();
  CHECK(world.given_up.empty());
  for (int i = 0; i < 3; ++i) world.emit.Step();
  REQUIRE(world.given_up.size() == 1);
  CHECK(world.given_up[0].message() == "attempted to greet 'router' 30 times without success");
}

TEST_CASE("emit: everything is said at once and then every interval", "[route-emitter][emit]") {
  World world;
  world.AddWeb();
  world.Drain();
  world.bus.published.clear();
  world.emit.OnRouterStart({absl::Seconds(20), absl::Seconds(120)});
  for (int i = 0; i < 3; ++i) {
    CHECK(world.emit.Step() == absl::Seconds(20));
    world.clock.Advance(absl::Seconds(10));
    CHECK(world.emit.Step() == absl::Seconds(10));
    world.clock.Advance(absl::Seconds(10));
  }
  world.Drain();
  REQUIRE(world.bus.published.size() == 3);
  CHECK(world.bus.published[0].registrations.size() == 1);
  CHECK(world.bus.published[0].internal_registrations.empty());
}

TEST_CASE("emit: a router that starts later is told everything after a random pause",
          "[route-emitter][emit]") {
  World world;
  world.emit.OnRouterStart({absl::Seconds(20), absl::Seconds(120)});
  world.emit.Step();
  world.emit.OnRouterStart({absl::Seconds(50), absl::Seconds(120)});
  const absl::Duration pause = world.emit.Step();
  CHECK(pause > absl::ZeroDuration());
  CHECK(pause <= absl::Seconds(10));  // a fifth of the new interval
  world.clock.Advance(pause);
  CHECK(world.emit.Step() == absl::Seconds(50));
}

TEST_CASE("emit: a router cannot ask to be told without a pause", "[route-emitter][emit]") {
  World world;
  world.emit.OnRouterStart({absl::ZeroDuration(), absl::Seconds(120)});
  CHECK(world.emit.Step() == absl::Seconds(1));
}

TEST_CASE("emit: service discovery hears internal routes only", "[route-emitter][emit]") {
  World world(RouterKind::kServiceDiscovery);
  world.AddWeb();
  world.Drain();
  world.bus.published.clear();
  world.emit.OnRouterStart({absl::Seconds(20), absl::Seconds(120)});
  world.emit.Step();
  world.Drain();
  REQUIRE(world.bus.published.size() == 1);
  CHECK(world.bus.published[0].registrations.empty());
  CHECK(world.bus.published[0].internal_registrations.size() == 1);
}

TEST_CASE("publish: messages keep their order, and unregistrations are repeated",
          "[route-emitter][emit]") {
  World world;
  world.AddWeb();
  world.state.Update(
      [](RoutingTable& table) { return table.Apply(InstanceRemoved{World::Web()}); });
  for (int i = 0; i < 2; ++i) world.publish.Step();
  REQUIRE(world.bus.published.size() == 2);
  CHECK(world.bus.published[0].registrations.size() == 1);
  CHECK(world.bus.published[1].unregistrations.size() == 1);
  for (int i = 0; i < 3; ++i) world.state.QueueUnregistrations();
  world.Drain();
  CHECK(world.bus.published.size() == 4);  // two repeats, then nothing is left to say
}

TEST_CASE("publish: a full outbox drops messages and says so", "[route-emitter][emit]") {
  World world;
  world.AddWeb();
  for (int i = 0; i < 5; ++i) world.state.QueueAll(RouterKind::kRouter);
  CHECK(world.state.TakeDropped() == 3);
  CHECK(world.state.TakeDropped() == 0);
}

TEST_CASE("publish: what NATS does not take is left to the next emission",
          "[route-emitter][emit]") {
  World world;
  world.AddWeb();
  world.bus.away = true;
  world.publish.Step();
  world.bus.away = false;
  world.state.QueueAll(RouterKind::kRouter);
  world.publish.Step();
  CHECK(world.bus.published.size() == 1);
}

}  // namespace
}  // namespace diego::route_emitter
