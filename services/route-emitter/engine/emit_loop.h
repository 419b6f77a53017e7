// EmitLoop: tells the routers of one kind everything, over and over, as often as they ask for.
//
//              a router answers                  a router starts later
//   greeting ------------------> emitting ------------------------------+
//      |                            ^  every interval: everything       |
//      | 30 greetings unanswered    +-----------------------------------+
//      v                              pause of random length, new interval, everything
//   given up
//
// Source: reference/route-emitter.md "greeting rule".
#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/route-emitter/engine/emitter_metrics.h"
#include "services/route-emitter/engine/route_state.h"
#include "services/route-emitter/engine/router_bus.h"

namespace diego::route_emitter {

inline constexpr int kMostGreetings = 30;
inline constexpr absl::Duration kGreetingInterval = absl::Seconds(1);

// Step: one thread. OnRouterStart: any.
class EmitLoop {
 public:
  // `give_up` is called once, with the reason, when no router ever answers.
  EmitLoop(RouterKind kind, double jitter_factor, RouterBus& bus, RouteState& state,
           const Clock& clock, uint64_t seed, EmitterMetrics& metrics, const log::Logger& log,
           std::function<void(const absl::Status&)> give_up);

  // A router has said how it wants to be told. Wake the thread that calls Step.
  void OnRouterStart(const RouterStart& start);
  // Greets or emits when it is time to; returns how long to wait.
  absl::Duration Step();
  bool greeted() const {
    return heard_.With([](const Heard& h) { return h.greeted; });
  }

 private:
  struct Heard {
    std::optional<RouterStart> start;  // not yet acted upon
    bool greeted = false;
  };
  absl::Duration Greet();
  void Emit(absl::Duration now);

  const RouterKind kind_;
  const double jitter_factor_;
  RouterBus& bus_;
  RouteState& state_;
  const Clock& clock_;
  EmitterMetrics& metrics_;
  const log::Logger log_;
  const std::function<void(const absl::Status&)> give_up_;

  Guarded<Heard> heard_;
  Random random_;
  int greetings_ = 0;
  absl::Duration interval_;   // zero until the first answer
  absl::Duration next_emit_;  // Clock::Monotonic()
};

// PublishLoop: hands what is queued to the bus, in order. Step: one thread.
class PublishLoop {
 public:
  PublishLoop(RouterBus& bus, RouteState& state, EmitterMetrics& metrics, const log::Logger& log);
  absl::Duration Step();

 private:
  RouterBus& bus_;
  RouteState& state_;
  EmitterMetrics& metrics_;
  const log::Logger log_;
  bool failing_ = false;  // trouble is logged once
};

}  // namespace diego::route_emitter
