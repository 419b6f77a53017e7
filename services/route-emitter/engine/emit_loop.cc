#include "services/route-emitter/engine/emit_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::route_emitter {
namespace {

// A router that asks for less is told this often all the same.
constexpr absl::Duration kShortestInterval = absl::Seconds(1);
constexpr absl::Duration kPublishWait = absl::Milliseconds(200);

}  // namespace

absl::string_view RouterKindName(RouterKind kind) {
  return kind == RouterKind::kRouter ? "router" : "service-discovery";
}

EmitLoop::EmitLoop(RouterKind kind, double jitter_factor, RouterBus& bus, RouteState& state,
                   const Clock& clock, uint64_t seed, EmitterMetrics& metrics,
                   const log::Logger& log, std::function<void(const absl::Status&)> give_up)
    : kind_(kind),
      jitter_factor_(jitter_factor),
      bus_(bus),
      state_(state),
      clock_(clock),
      metrics_(metrics),
      log_(log.Session("emitter", {{"routers", RouterKindName(kind)}})),
      give_up_(std::move(give_up)),
      random_(seed) {}

void EmitLoop::OnRouterStart(const RouterStart& start) {
  heard_.With([&](Heard& heard) {
    heard.start = start;
    heard.greeted = true;
  });
}

absl::Duration EmitLoop::Step() {
  const absl::Duration now = clock_.Monotonic();
  const std::optional<RouterStart> start =
      heard_.With([](Heard& heard) { return std::exchange(heard.start, std::nullopt); });
  if (start) {
    const bool first = interval_ == absl::ZeroDuration();
    interval_ = std::max(start->minimum_register_interval, kShortestInterval);
    log_.Info("received-external-service-registry-interval", {{"interval", interval_}});
    // Routers often start together: not all emitters are to answer each at once.
    const absl::Duration pause = interval_ * (jitter_factor_ * random_.Fraction());
    next_emit_ = first ? now : now + absl::Floor(pause, absl::Milliseconds(1));
  }
  if (interval_ == absl::ZeroDuration()) return Greet();
  if (now >= next_emit_) Emit(now);
  return next_emit_ - now;
}

absl::Duration EmitLoop::Greet() {
  if (greetings_ >= kMostGreetings) {
    if (greetings_++ == kMostGreetings) {
      give_up_(
          absl::UnavailableError(absl::StrCat("attempted to greet '", RouterKindName(kind_), "' ",
                                              kMostGreetings, " times without success")));
    }
    return kGreetingInterval;
  }
  ++greetings_;
  log_.Info("greeting-external-service", {{"attempt", greetings_}});
  if (const absl::Status status = bus_.Greet(kind_); !status.ok()) {
    log_.Error("failed-to-greet", status);
  }
  return kGreetingInterval;
}

void EmitLoop::Emit(absl::Duration now) {
  const size_t count = state_.QueueAll(kind_);
  if (kind_ == RouterKind::kRouter) metrics_.Emitted(count);
  log_.Debug("emitting-routes", {{"messages", count}});
  next_emit_ = now + interval_;
}

PublishLoop::PublishLoop(RouterBus& bus, RouteState& state, EmitterMetrics& metrics,
                         const log::Logger& log)
    : bus_(bus), state_(state), metrics_(metrics), log_(log.Session("publisher")) {}

absl::Duration PublishLoop::Step() {
  const std::optional<Messages> messages = state_.Pop(kPublishWait);
  if (const size_t dropped = state_.TakeDropped(); dropped > 0) {
    log_.Error("dropped-messages", absl::ResourceExhaustedError("the outbox is full"),
               {{"groups", dropped}});
  }
  if (!messages) return absl::ZeroDuration();
  const absl::Status status = bus_.Publish(*messages);
  if (status.ok()) {
    metrics_.Published(*messages);
    failing_ = false;
    return absl::ZeroDuration();
  }
  metrics_.PublishFailed();
  if (!failing_) log_.Error("failed-to-emit-nats-routes", status);
  failing_ = true;
  return absl::ZeroDuration();
}

}  // namespace diego::route_emitter
