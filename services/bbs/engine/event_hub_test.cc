// Who follows the events: places in the history, filters, ends.
#include "services/bbs/engine/testing_world.h"

namespace diego::bbs {
namespace {

using testing::Desire;
using testing::Follower;
using testing::Recorder;
using testing::World;

TEST_CASE("a subscriber resumes after a revision without gap or duplicate", "[bbs][engine]") {
  World world;
  for (const char* guid : {"a", "b", "c"}) {
    world.Submit(Desire(guid));
    world.Run();
  }
  Follower follower(&world, 1);
  const auto items = follower.TakeAll();
  REQUIRE(items.size() == 4);
  CHECK(items[0].revision == 2);
  CHECK_FALSE(items[0].complete);
  CHECK(items[1].revision == 2);
  CHECK(items[1].complete);
  CHECK(items[3].revision == 3);

  SECTION("and on the next master when it was up to date") {
    follower.subscription.reset();
    world.NewTerm(2);
    Follower resumed(&world, 3);
    REQUIRE(resumed.status.ok());
    world.Submit(Desire("d"));
    world.Run();
    const auto more = resumed.TakeAll();
    REQUIRE(more.size() == 2);
    CHECK(more[0].revision == 4);
    Follower behind(&world, 2);
    CHECK(behind.status.code() == absl::StatusCode::kOutOfRange);
    Follower ahead(&world, 9);
    CHECK(ahead.status.code() == absl::StatusCode::kOutOfRange);
  }
}

TEST_CASE("a slow subscriber is cut off with a reason", "[bbs][engine]") {
  EngineSettings settings;
  settings.history_events = 8;
  settings.subscriber_lag_events = 5;
  World world(settings);
  Follower slow(&world);
  Follower gone(&world, 0);
  for (int i = 0; i < 3; ++i) {
    world.Submit(Desire(absl::StrCat("app", i)));
    world.Run();
  }
  CHECK(slow.TakeAll().empty());
  CHECK(slow.status.code() == absl::StatusCode::kResourceExhausted);
  for (int i = 3; i < 6; ++i) {
    world.Submit(Desire(absl::StrCat("app", i)));
    world.Run();
  }
  CHECK(gone.TakeAll().empty());
  CHECK(gone.status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(world.recorder.cut_off == 2);
  Follower late(&world, 1);
  CHECK(late.status.code() == absl::StatusCode::kOutOfRange);
}

TEST_CASE("nobody resumes where the first Take would cut them off", "[bbs][engine]") {
  EngineSettings settings;
  settings.history_events = 100;
  settings.subscriber_lag_events = 5;
  World world(settings);
  for (int i = 0; i < 4; ++i) {
    world.Submit(Desire(absl::StrCat("app", i)));  // two events
    world.Run();
  }
  Follower too_far(&world, 1);
  CHECK(too_far.status.code() == absl::StatusCode::kOutOfRange);
  Follower near(&world, 2);
  REQUIRE(near.status.ok());
  CHECK(near.TakeAll().size() == 4);
  CHECK(world.recorder.cut_off == 0);
}

TEST_CASE("a beat finds who is too far behind and does not take", "[bbs][engine]") {
  EngineSettings settings;
  settings.subscriber_lag_events = 5;
  World world(settings);
  int ready = 0;
  int stuck = 0;
  const auto asleep = *world.term->hub().Subscribe(
      {}, std::nullopt, [&] { ++ready; }, [&] { ++stuck; });
  Follower waits(&world);
  const auto beat = [&] {
    world.clock.Advance(settings.subscriber_beat);
    world.Run();
  };
  for (int i = 0; i < 2; ++i) {
    world.Submit(Desire(absl::StrCat("app", i)));  // two events
    world.Run();
    (void)waits.TakeAll();
  }
  beat();
  CHECK(stuck == 0);
  world.Submit(Desire("app2"));
  world.Run();
  (void)waits.TakeAll();
  CHECK(stuck == 0);
  beat();
  CHECK(stuck == 1);
  beat();
  CHECK(stuck == 2);
  CHECK(ready == 0);
  CHECK(absl::IsResourceExhausted(asleep->Take(1).status()));
  CHECK(waits.status.ok());
}

TEST_CASE("a subscriber gets the kinds and the cell it asked for", "[bbs][engine]") {
  World world;
  EventFilter desired_only;
  desired_only.lrp_instances = false;
  EventFilter one_cell;
  one_cell.desired_lrps = false;
  one_cell.cell_id = CellId("cell-1");
  Follower desired(&world, std::nullopt, desired_only);
  Follower cell(&world, std::nullopt, one_cell);
  world.Submit(Desire("app", 2));
  world.Run();
  world.Submit(ClaimActualLrp{ProcessGuid("app"), 0, {InstanceGuid("i0"), CellId("cell-1")}});
  world.Submit(ClaimActualLrp{ProcessGuid("app"), 1, {InstanceGuid("i1"), CellId("cell-2")}});
  world.Run();
  const auto wanted = desired.TakeAll();
  REQUIRE(wanted.size() == 1);
  CHECK(std::holds_alternative<DesiredLrpEvent>(*wanted[0].event));
  const auto claimed = cell.TakeAll();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].revision == 2);
  CHECK(claimed[0].complete);
}

TEST_CASE("the end of the term ends its subscriptions, after what had committed", "[bbs][engine]") {
  World world;
  Follower follower(&world);
  REQUIRE(follower.TakeAll().empty());
  world.Submit(Desire("app"));
  world.Run();
  world.term->End(absl::AbortedError("another owner"));
  world.Publish();
  CHECK(follower.calls() == 1);
  CHECK(follower.TakeAll().size() == 2);  // what had committed, then the end
  CHECK(follower.status.code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("an event is taken once it is announced; who lists before that follows on",
          "[bbs][engine]") {
  EngineSettings settings;
  FakeClock clock;
  Recorder recorder;
  EventHub hub(settings, clock, &recorder);
  int called = 0;
  const auto follow = [&](std::optional<uint64_t> after) {
    return *hub.Subscribe({}, after, [&called] { ++called; });
  };
  const auto event_of = [](const char* guid) {
    DesiredLrp lrp = Desire(guid).lrp;
    return Event(DesiredLrpEvent{{nullptr, std::make_shared<const DesiredLrp>(lrp)}});
  };
  const auto early = follow(std::nullopt);
  REQUIRE(early->Take(9)->items.empty());
  hub.Publish(1, {event_of("a"), event_of("b")});
  hub.Step(absl::ZeroDuration());
  CHECK(called == 0);
  auto batch = early->Take(9);
  CHECK(batch->items.empty());
  CHECK(batch->seen_revision == 0);
  const auto listed = follow(1);
  batch = listed->Take(9);
  CHECK(batch->items.empty());
  CHECK(batch->seen_revision == 1);
  const auto behind = follow(0);
  CHECK(behind->Take(9)->items.empty());

  hub.Announce();
  hub.Step(absl::ZeroDuration());
  CHECK(called == 2);  // not the one that had listed
  CHECK(early->Take(9)->items.size() == 2);
  CHECK(behind->Take(9)->items.size() == 2);
  batch = listed->Take(9);
  CHECK(batch->items.empty());
  CHECK(batch->seen_revision == 1);

  // The end comes after what is published, announced or not.
  hub.Publish(2, {event_of("c")});
  hub.Close(absl::UnavailableError("over"));
  CHECK(early->Take(9)->items.empty());
  hub.Announce();
  CHECK(early->Take(9)->items.size() == 1);
  CHECK(absl::IsUnavailable(early->Take(9).status()));
}

}  // namespace
}  // namespace diego::bbs
