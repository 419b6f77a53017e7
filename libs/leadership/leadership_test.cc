#include <catch2/catch.hpp>

#include "libs/leadership/fake_lease.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/presence_keeper.h"
#include "libs/leadership/stand_in_tokens.h"
#include "libs/testing/fake_clock.h"

namespace diego::leadership {
namespace {

struct Candidate {
  Candidate(FakeLocket& locket, const Clock& clock, const std::string& owner)
      : lease(locket, owner),
        keeper(
            {}, lease, clock, log::Logger::Discard(), [this] { return able; },
            [this](std::optional<Term> term) { told.push_back(term ? term->token : 0); }) {}

  FakeLease lease;
  bool able = true;
  std::vector<int64_t> told;  // tokens of terms begun, 0 for an end
  LockKeeper keeper;
};
using Told = std::vector<int64_t>;

TEST_CASE("lock: one of two gets it, the other when it expires, with a greater token",
          "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  Candidate b(locket, clock, "b");
  CHECK(a.keeper.Step() == absl::Seconds(5));
  b.keeper.Step();
  REQUIRE(a.keeper.current().has_value());
  CHECK(a.keeper.current()->token == 1);
  CHECK(a.keeper.current()->deadline == clock.Monotonic() + absl::Seconds(15));
  CHECK_FALSE(b.keeper.current().has_value());
  CHECK(absl::IsAlreadyExists(b.keeper.last_error()));

  clock.Advance(absl::Seconds(16));  // a was paused
  b.keeper.Step();
  REQUIRE(b.keeper.current().has_value());
  CHECK(b.keeper.current()->token == 2);
  CHECK(a.keeper.current().has_value());  // it cannot know yet: hence the fence and the deadline
  CHECK(a.keeper.current()->deadline < clock.Monotonic());
  a.keeper.Step();
  CHECK_FALSE(a.keeper.current().has_value());
  CHECK(a.told == Told{1, 0});
  CHECK(b.told == Told{2});
}

TEST_CASE("lock: it is renewed before it ends, however seldom that was asked for", "[leadership]") {
  CHECK(RenewalPause(absl::Seconds(15), absl::Seconds(5)) == absl::Seconds(5));
  CHECK(RenewalPause(absl::Seconds(3), absl::Milliseconds(2999)) == absl::Milliseconds(2999));
  CHECK(RenewalPause(absl::Seconds(3), absl::Seconds(3)) == absl::Seconds(1));
  FakeClock clock;
  FakeLocket locket(clock);
  FakeLease lease(locket, "a");
  LockKeeper lock(
      {absl::Seconds(6), absl::Seconds(60)}, lease, clock, log::Logger::Discard(),
      [] { return true; }, nullptr);
  CHECK(lock.Step() == absl::Seconds(2));
  PresenceKeeper presence({absl::Seconds(6), absl::Seconds(60)}, lease, clock,
                          log::Logger::Discard(), [] { return ""; });
  CHECK(presence.Step() == absl::Seconds(2));
}

TEST_CASE("lock: renewing extends the deadline and begins no new term", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  for (int i = 0; i < 10; ++i) {
    a.keeper.Step();
    CHECK(a.keeper.current() == Term{1, clock.Monotonic() + absl::Seconds(15)});
    clock.Advance(absl::Seconds(5));
  }
  CHECK(a.told == Told{1});
}

TEST_CASE("lock: while Locket is away the term goes on, its deadline does not", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  a.keeper.Step();
  const Term before = *a.keeper.current();
  locket.SetAway(true);
  clock.Advance(absl::Seconds(60));
  a.keeper.Step();
  CHECK(a.keeper.current() == before);
  CHECK(absl::IsUnavailable(a.keeper.last_error()));
  CHECK(a.told == Told{1});
  // It comes back, the lease had lapsed: another term, since another may have been in between.
  locket.SetAway(false);
  a.keeper.Step();
  CHECK(a.keeper.current()->token == 2);
  CHECK(a.keeper.last_error().ok());
  CHECK(a.told == Told{1, 0, 2});
}

TEST_CASE("lock: Locket away at the start is no term", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  locket.SetAway(true);
  Candidate a(locket, clock, "a");
  a.keeper.Step();
  CHECK_FALSE(a.keeper.current().has_value());
  CHECK(a.told.empty());
}

TEST_CASE("lock: one that cannot work lets it go to one that can", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  Candidate b(locket, clock, "b");
  a.able = false;
  a.keeper.Step();
  CHECK(locket.owner().empty());
  a.able = true;
  a.keeper.Step();
  CHECK(locket.owner() == "a");
  a.able = false;
  clock.Advance(absl::Seconds(15));
  a.keeper.Step();
  b.keeper.Step();
  CHECK(locket.owner() == "b");
}

TEST_CASE("lock: resigning ends the term at once, and the next has a greater token",
          "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  a.keeper.Step();
  a.keeper.Resign();
  CHECK_FALSE(a.keeper.current().has_value());
  locket.SetAway(true);
  a.keeper.Step();  // cannot give it up yet, and must not take the old one again
  locket.SetAway(false);
  CHECK_FALSE(a.keeper.current().has_value());
  a.keeper.Step();
  REQUIRE(a.keeper.current().has_value());
  CHECK(a.keeper.current()->token == 2);
  CHECK(a.told == Told{1, 0, 2});
  a.keeper.Resign();
  a.keeper.Release();
  CHECK(locket.owner().empty());
}

TEST_CASE("lock: a Locket that lost its database goes on where its tokens had been",
          "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  a.keeper.Step();
  a.keeper.Resign();
  a.keeper.Step();
  REQUIRE(a.keeper.current()->token == 2);
  locket.Forget();
  a.keeper.Step();
  CHECK(a.keeper.current()->token == 2);  // nobody was in between: the same term
  CHECK(a.told == Told{1, 0, 2});
  locket.Forget();
  a.keeper.Resign();
  a.keeper.Step();
  CHECK(a.keeper.current()->token == 3);

  // One that never saw a token of the old Locket hears of them from what the lock guards.
  a.keeper.Release();
  locket.Forget();
  Candidate b(locket, clock, "b");
  b.keeper.Step();
  REQUIRE(b.keeper.current()->token == 1);
  b.keeper.Resign(3);
  b.keeper.Step();
  CHECK(b.keeper.current()->token == 4);
}

TEST_CASE("lock: it is sought more often than it is renewed", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  Candidate b(locket, clock, "b");
  CHECK(a.keeper.Step() == absl::Seconds(5));
  CHECK(b.keeper.Step() == kStandbyBeat);
  locket.SetAway(true);
  CHECK(a.keeper.Step() == absl::Seconds(5));
  CHECK(b.keeper.Step() == kStandbyBeat);
}

TEST_CASE("lock: it is released on the way out, once", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  Candidate a(locket, clock, "a");
  Candidate b(locket, clock, "b");
  a.keeper.Step();
  b.keeper.Step();
  b.keeper.Release();
  CHECK(locket.owner() == "a");
  a.keeper.Release();
  CHECK(locket.owner().empty());
  CHECK(a.told == Told{1, 0});
  b.keeper.Step();
  CHECK(b.keeper.current()->token == 2);
  a.keeper.Release();
  CHECK(locket.owner() == "b");
}

TEST_CASE("presence: it keeps trying, and is registered while Locket surely keeps it",
          "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  locket.SetAway(true);
  FakeLease lease(locket, "rep-1");
  int asked = 0;
  PresenceKeeper keeper({}, lease, clock, log::Logger::Discard(),
                        [&asked] { return std::to_string(++asked); });
  CHECK(keeper.Step() == absl::Seconds(5));
  CHECK_FALSE(keeper.registered());
  locket.SetAway(false);
  keeper.Step();
  CHECK(keeper.registered());
  CHECK(locket.value() == "2");
  locket.SetAway(true);
  clock.Advance(absl::Seconds(14));
  keeper.Step();
  CHECK(keeper.registered());
  clock.Advance(absl::Seconds(1));
  CHECK_FALSE(keeper.registered());
  locket.SetAway(false);
  keeper.Step();
  CHECK(keeper.registered());
  keeper.Release();
  CHECK_FALSE(keeper.registered());
  CHECK(locket.owner().empty());
}

TEST_CASE("presence: another owner of our cell id is a collision until it goes", "[leadership]") {
  FakeClock clock;
  FakeLocket locket(clock);
  FakeLease other(locket, "other");
  REQUIRE(other.Acquire("", absl::Seconds(15), 0).ok());
  FakeLease lease(locket, "rep-1");
  std::vector<std::string> lines;
  log::Options options;
  options.component = "rep";
  options.sink = [&lines](absl::string_view line) { lines.emplace_back(line); };
  PresenceKeeper keeper({}, lease, clock, log::Logger(options), [] { return "{}"; });
  keeper.Step();
  keeper.Step();
  CHECK(keeper.collided());
  CHECK_FALSE(keeper.registered());
  CHECK_FALSE(keeper.owns_id());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("presence-collision") != std::string::npos);
  locket.SetAway(true);
  keeper.Step();
  CHECK(keeper.collided());
  locket.SetAway(false);
  clock.Advance(absl::Seconds(15));
  keeper.Step();
  CHECK_FALSE(keeper.collided());
  CHECK(keeper.registered());
  CHECK(keeper.owns_id());
  locket.SetAway(true);
  clock.Advance(absl::Minutes(1));
  keeper.Step();
  CHECK_FALSE(keeper.registered());
  CHECK(keeper.owns_id());
}

TEST_CASE("stand-in tokens: the same while the lease is held, greater after a gap",
          "[leadership]") {
  FakeClock clock;
  StandInTokens one(clock);
  const absl::Duration ttl = absl::Seconds(15);
  const int64_t first = one.Granted(clock.Monotonic(), ttl, 0);
  CHECK(first == absl::ToUnixMicros(clock.Now()));
  clock.Advance(absl::Seconds(15));
  CHECK(one.Granted(clock.Monotonic(), ttl, first) == first);

  // Another process, which has the lease afterwards.
  clock.Advance(absl::Seconds(16));
  StandInTokens two(clock);
  const int64_t second = two.Granted(clock.Monotonic(), ttl, 0);
  CHECK(second > first);
  clock.Advance(absl::Seconds(1));
  CHECK(one.Granted(clock.Monotonic(), ttl, 0) > second);

  // The database asks for more than the clock gives.
  const int64_t standing = absl::ToUnixMicros(clock.Now() + absl::Hours(1));
  CHECK(one.Granted(clock.Monotonic(), ttl, standing + 1) == standing + 1);
  CHECK(one.Granted(clock.Monotonic(), ttl, 0) == standing + 1);
  one.Lost();
  CHECK(one.Granted(clock.Monotonic(), ttl, 0) == standing + 2);
}

}  // namespace
}  // namespace diego::leadership
