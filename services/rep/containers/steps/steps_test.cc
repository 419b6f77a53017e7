// Composite steps, over scripted ones; network checks, over real sockets on loopback.
#include <catch2/catch.hpp>

#include "libs/testing/fake_clock.h"
#include "libs/testing/loopback_listener.h"
#include "services/rep/containers/steps/composite_steps.h"
#include "services/rep/containers/steps/health_steps.h"

namespace diego::rep {
namespace {

// Ends when the test says so, or as told when cancelled.
class ScriptedStep final : public Step {
 public:
  void Start(Finished finished) override {
    started = true;
    finished_ = std::move(finished);
  }
  void Cancel() override {
    cancelled = true;
    if (finished_ && ends_when_cancelled) End(when_cancelled);
  }
  void End(StepResult result) { std::exchange(finished_, nullptr)(std::move(result)); }

  bool started = false;
  bool cancelled = false;
  bool ends_when_cancelled = true;
  StepResult when_cancelled = StepResult::Cancelled();

 private:
  Finished finished_;
};

class MemoryLog final : public LogSink {
 public:
  void Write(const LogOrigin&, const LogLine& line) override { lines.push_back(line.text); }
  void Close(const std::string&) override {}
  std::vector<std::string> lines;
};

struct World {
  FakeClock clock;
  EventLoop loop{clock};
  MemoryLog log;
  std::shared_ptr<ScriptedStep> a = std::make_shared<ScriptedStep>();
  std::shared_ptr<ScriptedStep> b = std::make_shared<ScriptedStep>();
  std::optional<StepResult> result;

  StepContextPtr Context() {
    StepContext context;
    context.loop = &loop;
    context.network.container_ip = "127.0.0.1";
    context.log = std::make_shared<AppLog>("g", LogConfig{}, 0, log, clock);
    return std::make_shared<const StepContext>(context);
  }
  void Start(const StepPtr& step) {
    step->Start([this](StepResult r) {
      REQUIRE_FALSE(result);
      result = r;
    });
  }
  bool Failed(const std::string& reason) {
    return result && result->kind == StepResult::Kind::kFailed && result->reason == reason;
  }
  bool Cancelled() { return result && result->kind == StepResult::Kind::kCancelled; }
};

// Makes steps that a test ends, and remembers them.
struct Checks {
  HealthProbe Probe(absl::Duration healthy_interval) {
    return {[this] { return made.emplace_back(std::make_shared<ScriptedStep>()); },
            healthy_interval, [this] { ++liveness_failures; }};
  }
  std::vector<std::shared_ptr<ScriptedStep>> made;
  int liveness_failures = 0;
};

}  // namespace

TEST_CASE("serial: the second follows a good first", "[rep][steps]") {
  World w;
  const auto step = std::make_shared<SerialStep>(std::vector<StepPtr>{w.a, w.b});
  w.Start(step);
  CHECK_FALSE(w.b->started);
  SECTION("both good") {
    w.a->End(StepResult::Done());
    CHECK(w.b->started);
    w.b->End(StepResult::Done());
    CHECK(w.result->ok());
  }
  SECTION("the first fails") {
    w.a->End(StepResult::Failed("no"));
    CHECK_FALSE(w.b->started);
    CHECK(w.Failed("no"));
  }
  SECTION("cancelled in the first, which ends well all the same") {
    w.a->ends_when_cancelled = false;
    step->Cancel();
    w.a->End(StepResult::Done());
    CHECK_FALSE(w.b->started);
    CHECK(w.Cancelled());
  }
}

TEST_CASE("parallel: all are waited for and all reasons told", "[rep][steps]") {
  World w;
  const auto step =
      std::make_shared<GroupStep>(GroupStep::Kind::kParallel, std::vector<StepPtr>{w.a, w.b});
  w.Start(step);
  w.a->End(StepResult::Failed("one"));
  CHECK_FALSE(w.b->cancelled);
  CHECK_FALSE(w.result);
  SECTION("both fail") {
    w.b->End(StepResult::Failed("two"));
    CHECK(w.Failed("one; two"));
  }
  SECTION("one succeeds") {
    w.b->End(StepResult::Done());
    CHECK(w.Failed("one"));
  }
}

TEST_CASE("codependent: the first to end takes the others with it", "[rep][steps]") {
  World w;
  const auto step =
      std::make_shared<GroupStep>(GroupStep::Kind::kCodependent, std::vector<StepPtr>{w.a, w.b});
  w.Start(step);
  SECTION("by success") {
    w.a->End(StepResult::Done());
    CHECK(w.b->cancelled);
    CHECK(w.Failed("Codependent step exited"));
  }
  SECTION("by failure") {
    w.b->End(StepResult::Failed("no"));
    CHECK(w.a->cancelled);
    CHECK(w.Failed("no"));
  }
  SECTION("by failure, the other failing to end well") {
    w.a->when_cancelled = StepResult::Failed("exceeded graceful shutdown interval");
    w.b->End(StepResult::Failed("no"));
    CHECK(w.Failed("no; exceeded graceful shutdown interval"));
  }
  SECTION("cancelled from outside") {
    step->Cancel();
    CHECK(w.Cancelled());
  }
}

TEST_CASE("timeout: a step that takes too long is cancelled", "[rep][steps]") {
  World w;
  w.Start(std::make_shared<TimeoutStep>(w.Context(), w.a, absl::Seconds(60)));
  SECTION("in time") {
    w.clock.Advance(absl::Seconds(59));
    w.loop.Step(absl::ZeroDuration());
    w.a->End(StepResult::Failed("own"));
    CHECK(w.Failed("own"));
  }
  SECTION("too late") {
    w.clock.Advance(absl::Seconds(60));
    w.loop.Step(absl::ZeroDuration());
    CHECK(w.a->cancelled);
    CHECK(w.Failed("exceeded 1m0s timeout"));
  }
  SECTION("too late, with words of its own") {
    w.a->when_cancelled = StepResult::Failed("inner");
    w.clock.Advance(absl::Seconds(60));
    w.loop.Step(absl::ZeroDuration());
    CHECK(w.Failed("exceeded 1m0s timeout; inner"));
  }
}

TEST_CASE("try: failure is forgiven, cancelling is not", "[rep][steps]") {
  World w;
  const auto step = std::make_shared<TryStep>(w.a);
  w.Start(step);
  SECTION("failure") {
    w.a->End(StepResult::Failed("no"));
    CHECK(w.result->ok());
  }
  SECTION("cancelled") {
    step->Cancel();
    CHECK(w.Cancelled());
  }
}

TEST_CASE("emit progress: the app's log hears how it goes", "[rep][steps]") {
  World w;
  w.Start(std::make_shared<EmitProgressStep>(
      w.Context(), w.a, EmitProgressStep::Words{"Starting", "Done", "Failed", "STG"}));
  SECTION("well") {
    w.a->End(StepResult::Done());
    CHECK(w.log.lines == std::vector<std::string>{"Starting", "Done"});
  }
  SECTION("badly") {
    w.a->End(StepResult::Failed("why"));
    CHECK(w.log.lines == std::vector<std::string>{"Starting", "Failed: why"});
    CHECK(w.Failed("why"));
  }
}

TEST_CASE("health: a check without an interval is not made again", "[rep][steps]") {
  World w;
  Checks checks;
  int healthy = 0;
  const auto step = std::make_shared<HealthStep>(
      w.Context(), "HEALTH", HealthTiming{},
      std::vector<HealthProbe>{checks.Probe(absl::ZeroDuration())}, [&] { ++healthy; });
  w.Start(step);
  checks.made.at(0)->End(StepResult::Done());
  CHECK(healthy == 1);
  w.clock.Advance(absl::Hours(1));
  w.loop.Step(absl::ZeroDuration());
  CHECK(checks.made.size() == 1);
  CHECK_FALSE(w.result);
  step->Cancel();
  CHECK(w.Cancelled());
}

TEST_CASE("health: the first check of a healthy instance to fail ends the others", "[rep][steps]") {
  World w;
  Checks checks;
  const HealthProbe probe = checks.Probe(absl::Seconds(10));
  const auto step = std::make_shared<HealthStep>(w.Context(), "HEALTH", HealthTiming{},
                                                 std::vector<HealthProbe>{probe, probe}, [] {});
  w.Start(step);
  for (int i = 0; i < 2; ++i) checks.made.at(i)->End(StepResult::Done());
  w.clock.Advance(absl::Seconds(10));
  w.loop.Step(absl::ZeroDuration());
  REQUIRE(checks.made.size() == 4);
  SECTION("a failure") {
    checks.made[2]->End(StepResult::Failed("no"));
    CHECK(checks.made[3]->cancelled);
    CHECK(w.Failed("Instance became unhealthy: no"));
    CHECK(checks.liveness_failures == 1);
    CHECK(w.log.lines == std::vector<std::string>{"Starting health monitoring of container",
                                                  "Container became healthy", "no",
                                                  "Container became unhealthy"});
  }
  SECTION("cancelled from outside: a check under way is waited for") {
    checks.made[2]->ends_when_cancelled = false;
    step->Cancel();
    CHECK(checks.made[3]->cancelled);
    CHECK_FALSE(w.result);
    checks.made[2]->End(StepResult::Failed("late"));
    CHECK(w.Cancelled());
    CHECK(checks.liveness_failures == 0);
  }
}

TEST_CASE("network checks: what a server's behaviour means", "[rep][steps]") {
  World w;
  diego::testing::LoopbackListener listener(0);
  const uint16_t port = listener.port();
  const std::string number = std::to_string(port);

  HealthCheck check;
  check.port = port;
  check.path = "/health";
  const auto turn_until_over = [&] {
    for (int i = 0; i < 200 && !w.result; ++i) w.loop.Step(absl::Milliseconds(5));
  };
  SECTION("TCP: nobody listens") {
    w.Start(std::make_shared<NetworkCheckStep>(w.Context(), check));
    turn_until_over();
    CHECK(w.Failed("Failed to make TCP connection to port " + number + ": connection refused"));
  }
  SECTION("TCP: somebody listens") {
    listener.Listen(1);
    w.Start(std::make_shared<NetworkCheckStep>(w.Context(), check));
    turn_until_over();
    CHECK((w.result && w.result->ok()));
  }
  SECTION("HTTP: no answer in time") {
    listener.Listen(1);
    check.kind = HealthCheck::Kind::kHttp;
    w.Start(std::make_shared<NetworkCheckStep>(w.Context(), check));
    for (int i = 0; i < 5; ++i) w.loop.Step(absl::Milliseconds(5));
    w.clock.Advance(absl::Seconds(1));
    turn_until_over();
    CHECK(w.Failed("Failed to make HTTP request to '/health' on port " + number +
                   ": timed out after 1.00 seconds"));
  }
  SECTION("HTTP: the status decides") {
    const auto [reply, reason] = GENERATE(table<std::string, std::string>({
        {"HTTP/1.1 200 OK\r\n\r\n", ""},
        {"HTTP/1.1 503 Busy\r\n\r\n", "received status code 503 in 0ms"},
        {"220 smtp\r\n", "received no HTTP response"},
    }));
    listener.Listen(1);
    check.kind = HealthCheck::Kind::kHttp;
    w.Start(std::make_shared<NetworkCheckStep>(w.Context(), check));
    UniqueFd peer(listener.Accept(10000));
    for (int i = 0; i < 5; ++i) w.loop.Step(absl::Milliseconds(5));
    char request[512];
    const ssize_t n = read(peer.get(), request, sizeof request);
    REQUIRE(n > 0);
    CHECK(std::string(request, n).rfind("GET /health HTTP/1.1\r\n", 0) == 0);
    REQUIRE(write(peer.get(), reply.data(), reply.size()) > 0);
    turn_until_over();
    if (reason.empty()) {
      CHECK((w.result && w.result->ok()));
    } else {
      CHECK(w.Failed("Failed to make HTTP request to '/health' on port " + number + ": " + reason));
    }
  }
}

}  // namespace diego::rep
