// Tables of reference/design-notes.md section 4: who says how crashed instances restart.
#include "services/bbs/core/crash_policy.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::Instance;
using testing::kApps;
using testing::KeyOf;
using testing::kNow;
using testing::kWeb;
using testing::TableRow;
using testing::Verify;
using testing::World;

Command Crash() { return CrashActualLrp{KeyOf(0), Instance("a@1"), "boom"}; }
Command Pass() { return Converge{Cells("1"), {}, {}, 100}; }

}  // namespace

TEST_CASE("crash policy: what is said of the LRP counts, then the domain, then what is built in",
          "[bbs][crash_policy]") {
  const auto rules = [](const char* world) {
    const State state = World(world);
    return CrashRulesFor(state, state.FindDesired(kWeb).get(), kApps);
  };
  struct Case {
    const char* world;
    int32_t immediate;
    int32_t seconds;
    int32_t attempts;
  };
  const Case cases[] = {
      {"", 3, 960, 200},
      {"desired", 3, 960, 200},
      {"desired | fresh", 3, 960, 200},
      {"desired | fresh immediate=1 seconds=60 attempts=5", 1, 60, 5},
      {"desired | expired immediate=1 seconds=60 attempts=5", 1, 60, 5},
      {"desired immediate=2 seconds=90 attempts=7 | fresh immediate=1 seconds=60 attempts=5", 2, 90,
       7},
      {"desired seconds=90 | fresh immediate=1 attempts=0", 1, 90, 0},
      {"desired immediate=0", 0, 960, 200},
      {"fresh attempts=5", 3, 960, 5},
  };
  for (const Case& c : cases) {
    INFO(c.world);
    const CrashRules found = rules(c.world);
    CHECK(found.immediate_restarts == c.immediate);
    CHECK(found.longest_wait == absl::Seconds(c.seconds));
    CHECK(found.max_attempts == c.attempts);
  }
}

TEST_CASE("crash policy: the wait by count", "[bbs][crash_policy]") {
  const auto wait = [](int32_t count, const CrashRules& rules) {
    ActualLrp crashed;
    crashed.since = kNow;
    crashed.crash_count = count;
    return absl::ToInt64Seconds(RestartDueAt(crashed, rules) - kNow);
  };
  const int64_t never = absl::ToInt64Seconds(absl::InfiniteDuration());
  struct Case {
    const char* what;
    CrashRules rules;
    std::vector<std::pair<int32_t, int64_t>> waits;
  };
  const auto seconds = [](int32_t n) { return absl::Seconds(n); };
  const Case cases[] = {
      {"built in",
       {},
       {{0, 0},
        {1, 0},
        {2, 0},
        {3, 30},
        {4, 60},
        {5, 120},
        {6, 240},
        {7, 480},
        {8, 960},
        {9, 960},
        {199, 960},
        {200, never},
        {1000, never}}},
      {"never at once",
       {0, seconds(960), 200},
       {{1, 30}, {2, 60}, {3, 120}, {6, 960}, {200, never}}},
      {"one is the same as none", {1, seconds(960), 200}, {{1, 30}, {2, 60}, {3, 120}}},
      {"nine at once", {9, seconds(960), 200}, {{8, 0}, {9, 30}, {10, 60}}},
      {"a lower maximum", {3, seconds(31), 200}, {{3, 30}, {4, 31}, {100, 31}}},
      {"a higher maximum", {3, seconds(4000), 200}, {{8, 960}, {9, 1920}, {10, 3840}, {11, 4000}}},
      {"the longest there is",
       {0, seconds(INT32_MAX), 0},
       {{27, 2013265920}, {28, INT32_MAX}, {INT32_MAX, INT32_MAX}}},
      {"without end", {3, seconds(960), 0}, {{200, 960}, {INT32_MAX, 960}}},
      {"given up at once", {0, seconds(960), 1}, {{1, never}}},
      {"giving up wins over restarting", {9, seconds(960), 5}, {{4, 0}, {5, never}, {6, never}}},
  };
  for (const Case& c : cases) {
    for (const auto& [count, expected] : c.waits) {
      INFO(c.what << ", count " << count);
      CHECK(wait(count, c.rules) == expected);
    }
  }
}

TEST_CASE("crash policy: crashes and convergence follow it", "[bbs][crash_policy]") {
  const char* const kCrashed = "crashed a@1 x1, changed RUNNING a@1 -> CRASHED";
  const TableRow rows[] = {
      {"the LRP: never at once", "desired immediate=0 | RUNNING a@1", Crash(), "ok", "CRASHED +1",
       kCrashed},
      {"the domain: never at once", "desired | fresh immediate=0 | RUNNING a@1", Crash(), "ok",
       "CRASHED +1", kCrashed},
      {"the LRP overrides the domain", "desired immediate=2 | fresh immediate=0 | RUNNING a@1",
       Crash(), "ok", "UNCLAIMED +1", "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1",
       "auction 0"},
      {"four at once", "desired immediate=5 | RUNNING a@1 crashes=3", Crash(), "ok", "UNCLAIMED +1",
       "crashed a@1 x4, created UNCLAIMED, removed RUNNING a@1", "auction 0"},
      {"given up at its maximum", "desired attempts=1 immediate=0 | RUNNING a@1", Crash(), "ok",
       "CRASHED +1", kCrashed},
      {"the reset after five minutes is fixed", "desired attempts=2 | RUNNING a@1 crashes=9 age=6m",
       Crash(), "ok", "UNCLAIMED +1", "crashed a@1 x1, created UNCLAIMED, removed RUNNING a@1",
       "auction 0"},
      {"pass: due", "desired immediate=0 | CRASHED crashes=1 age=30s", Pass(), "ok", "UNCLAIMED +1",
       "created UNCLAIMED, removed CRASHED", "auction 0"},
      {"pass: not due", "desired immediate=0 | CRASHED crashes=2 age=59s", Pass(), "ok", "CRASHED",
       ""},
      {"pass: the domain's shorter wait", "desired | fresh seconds=60 | CRASHED crashes=9 age=60s",
       Pass(), "ok", "UNCLAIMED +1", "created UNCLAIMED, removed CRASHED", "auction 0"},
      {"pass: given up", "desired attempts=4 | CRASHED crashes=4 age=1000h", Pass(), "ok",
       "CRASHED", ""},
      {"pass: never given up", "desired attempts=0 | CRASHED crashes=5000 age=16m", Pass(), "ok",
       "UNCLAIMED +1", "created UNCLAIMED, removed CRASHED", "auction 0"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("crash policy: an update sets it, replaces it whole, and takes it away",
          "[bbs][crash_policy]") {
  const auto updated = [](const char* world, std::optional<CrashRestartPolicy> policy) {
    UpdateDesiredLrp update{kWeb, {}};
    update.update.crash_restart_policy = policy;
    return testing::Run(World(world), update).after.FindDesired(kWeb)->crash_restart_policy;
  };
  const CrashRestartPolicy set = {1, 60, 5};
  CHECK(updated("desired", set) == set);
  CHECK(updated("desired immediate=4 attempts=9", set) == set);
  CHECK(updated("desired immediate=4 attempts=9", CrashRestartPolicy{{}, 60, {}}) ==
        CrashRestartPolicy{{}, 60, {}});
  CHECK(updated("desired immediate=4", std::nullopt) == CrashRestartPolicy{4, {}, {}});
  CHECK(updated("desired immediate=4", CrashRestartPolicy()).empty());
  // One that was given up runs again once more is allowed.
  UpdateDesiredLrp more{kWeb, {}};
  more.update.crash_restart_policy = CrashRestartPolicy{{}, {}, 10};
  const State allowed =
      testing::Run(World("desired attempts=4 | CRASHED crashes=4 age=1h"), more).after;
  CHECK(testing::Rows(testing::Run(allowed, Pass()).after) == "UNCLAIMED +1");
}

TEST_CASE("crash policy: a domain keeps it past its freshness, until it is taken away",
          "[bbs][crash_policy]") {
  const CrashRestartPolicy policy = {1, 60, 5};
  const absl::Duration minute = absl::Minutes(1);
  const State set = testing::Run(World("desired"), UpsertDomain{kApps, minute, policy}).after;
  CHECK(set.FindDomain(kApps)->crash_restart_policy == policy);
  // As clients of the original do: that says nothing of policies.
  const State again = testing::Run(set, UpsertDomain{kApps, 2 * minute}).after;
  CHECK(again.FindDomain(kApps)->crash_restart_policy == policy);
  CHECK(again.FindDomain(kApps)->expire_time == kNow + 2 * minute);
  const State later = testing::Run(again, Pass(), kNow + absl::Hours(1)).after;
  REQUIRE(later.FindDomain(kApps) != nullptr);
  CHECK(later.FindDomain(kApps)->crash_restart_policy == policy);
  const State cleared =
      testing::Run(later, UpsertDomain{kApps, minute, CrashRestartPolicy()}).after;
  CHECK(cleared.FindDomain(kApps)->crash_restart_policy.empty());
  CHECK(testing::Run(cleared, Pass(), kNow + absl::Hours(1)).after.FindDomain(kApps) == nullptr);
}

TEST_CASE("crash policy: a domain kept for it alone lets nothing be destroyed",
          "[bbs][crash_policy]") {
  const TableRow rows[] = {
      {"orphan", "expired attempts=5 | RUNNING a@1", Pass(), "ok", "RUNNING a@1", ""},
      {"extra", "expired attempts=5 | desired=0 | RUNNING a@1", Pass(), "ok", "RUNNING a@1", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

}  // namespace diego::bbs
