// Instances that crash again and again, in real containers, by a clock that only the test moves;
// masters die meanwhile. As wall-clock time stands still otherwise, what happens without a move
// needed no wait, and every wait is known to the millisecond. The rules alone:
// services/bbs/core/crash_policy_test.cc.
// Source: reference/behaviours.md section 1 "Crash back-off"; design-notes.md section 4.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/harness/shared_clock.h"
#include "integration/suite/raw_peer.h"
#include "integration/suite/suite.h"
#include "libs/base/status_util.h"

namespace diego::suite {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(1);

// A master, a standby and a cell. Wall-clock time is the BBSs' alone to read.
class World {
 public:
  explicit World(harness::Store store)
      : deployment_({.store = store, .bbs_count = 2, .cell_count = 1}) {
    const std::string clock_file = cluster().directory() + "/clock";
    auto made = harness::SharedClock::Create(clock_file, RealClock().Now());
    REQUIRE_OK(made.status());
    clock_ = *std::move(made);
    for (const char* bbs : {"bbs-1", "bbs-2"}) {
      std::vector<std::string>& argv = cluster().Find(bbs).argv;
      argv.front() = deployment_.Binary("bbs-with-clock");
      argv.insert(argv.begin() + 1, clock_file);
      Reconfigure(cluster(), bbs, R"({"converge_repeat_interval": "200ms"})");
    }
    Start(cluster(), {"locket", "bbs-1", "bbs-2", "auctioneer", "cell-1"});
    REQUIRE_OK(cluster().bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  }

  harness::Cluster& cluster() { return deployment_.cluster(); }
  void Advance(absl::Duration by) { clock_->Advance(by); }

  void Desire(const DesiredLrp& lrp) {
    app_ = lrp.process_guid;
    REQUIRE_OK(cluster().bbs().DesireLrp(lrp));
  }
  void Remove() {
    REQUIRE_OK(cluster().bbs().RemoveDesiredLrp(app_));
    REQUIRE_OK(cluster().WaitRunning(app_, 0, kPatience).status());
  }

  // Waits until the instance is in that state after as many crashes, and returns its row. The state
  // began at the present time: nothing waited for more than the clock was moved.
  ActualLrp WaitFor(ActualLrpState state, int crash_count) {
    ActualLrp row;
    REQUIRE_OK(harness::Eventually(
        absl::StrCat(app_.value(), " to be ", ActualLrpStateName(state), " x", crash_count),
        kPatience, [&]() -> absl::Status {
          DIEGO_ASSIGN_OR_RETURN(row, Row());
          if (row.state == state && row.crash_count == crash_count) return absl::OkStatus();
          return absl::NotFoundError(absl::StrCat(ActualLrpStateName(row.state), " x",
                                                  row.crash_count, " ", row.placement_error));
        }));
    CHECK(row.since == clock_->Now());
    return row;
  }
  ActualLrp WaitCrashed(int crash_count) { return WaitFor(ActualLrpState::kCrashed, crash_count); }
  ActualLrp WaitRunning(int crash_count) { return WaitFor(ActualLrpState::kRunning, crash_count); }

  // Convergence looks at the row, at the present time, and leaves it alone.
  void CheckStays(const ActualLrp& row) {
    WaitConverged();
    const auto now = Row();
    REQUIRE_OK(now.status());
    INFO(ActualLrpStateName(now->state) << " x" << now->crash_count);
    CHECK(*now == row);
  }

  // The standby loads everything anew; the old master comes back as its standby.
  void KillMaster() {
    const std::string master = Active();
    REQUIRE_OK(cluster().KillHard(master));
    CHECK(Active() != master);
    REQUIRE_OK(cluster().Start(master));
  }

 private:
  absl::StatusOr<ActualLrp> Row() {
    clients::ActualLrpFilter filter;
    filter.process_guid = app_;
    DIEGO_ASSIGN_OR_RETURN(auto rows, cluster().bbs().ActualLrps(filter));
    if (rows.records.size() == 1) return std::move(rows.records.front());
    return absl::NotFoundError(absl::StrCat(rows.records.size(), " rows"));
  }

  std::string Active() {
    std::string name;
    REQUIRE_OK(harness::Eventually("a BBS to be active", kPatience, [&]() -> absl::Status {
      DIEGO_ASSIGN_OR_RETURN(name, cluster().ActiveBbs());
      return absl::OkStatus();
    }));
    return name;
  }

  // Waits for a whole pass that begins from now on, by a BBS that knows of the cell.
  void WaitConverged() {
    REQUIRE_OK(harness::Eventually("the cell to be known", kPatience, [&]() -> absl::Status {
      DIEGO_ASSIGN_OR_RETURN(const auto cells, cluster().bbs().Cells());
      return cells.size() == 1 ? absl::OkStatus() : absl::NotFoundError("not yet");
    }));
    const std::string master = Active();
    const auto passes = [&] {
      return ReadMetric(cluster(), master, "diego_bbs_convergence_seconds_count");
    };
    const auto before = passes();
    REQUIRE_OK(before.status());
    // The one under way may have seen the row before; no two run at once.
    REQUIRE_OK(harness::Eventually("a whole pass", kPatience, [&]() -> absl::Status {
      DIEGO_ASSIGN_OR_RETURN(const double now, passes());
      return now >= *before + 2 ? absl::OkStatus() : absl::NotFoundError(absl::StrCat(now));
    }));
  }

  Deployment deployment_;
  std::unique_ptr<harness::SharedClock> clock_;
  ProcessGuid app_;
};

// Crashed as often as that, it waits so long and no shorter, and crashes again.
void CheckWait(World& world, int crash_count, absl::Duration wait, bool master_dies) {
  INFO(crash_count << " crashes, " << absl::FormatDuration(wait));
  const ActualLrp crashed = world.WaitCrashed(crash_count);
  CHECK_THAT(crashed.crash_reason, Catch::Contains("Exited with status 3"));
  world.Advance(wait - kTick);
  world.CheckStays(crashed);
  if (master_dies) {
    world.KillMaster();
    world.CheckStays(crashed);
  }
  world.Advance(kTick);
  world.WaitCrashed(crash_count + 1);
}

// By the numbers that are built in.
void CheckBackoff(World& world) {
  world.Desire(MakeScript("crashing", 1, "exit 3"));
  CheckWait(world, 3, absl::Seconds(30), false);
  CheckWait(world, 4, absl::Seconds(60), true);
  CheckWait(world, 5, absl::Seconds(120), false);
  CheckWait(world, 6, absl::Seconds(240), false);
  CheckWait(world, 7, absl::Seconds(480), false);
  CheckWait(world, 8, absl::Seconds(960), true);
  CheckWait(world, 9, absl::Seconds(960), false);
  world.Remove();
}

// By its own: once at once, 45 s at most, and four times only, until that is taken back.
void CheckOwnPolicy(World& world) {
  DesiredLrp lrp = MakeScript("stubborn", 1, "exit 3");
  lrp.crash_restart_policy = {2, 45, 5};
  world.Desire(lrp);
  CheckWait(world, 2, absl::Seconds(30), false);
  CheckWait(world, 3, absl::Seconds(45), false);
  CheckWait(world, 4, absl::Seconds(45), false);
  const ActualLrp given_up = world.WaitCrashed(5);
  world.Advance(absl::Hours(24 * 365));
  world.CheckStays(given_up);
  DesiredLrpUpdate update;
  update.crash_restart_policy.emplace().max_restart_attempts = 0;
  REQUIRE_OK(world.cluster().bbs().UpdateDesiredLrp(lrp.process_guid, update));
  world.WaitCrashed(6);
  world.Remove();
}

// Ends the process of this instance, which listens, or is about to.
void Knock(const ActualLrp& running) {
  REQUIRE_OK(harness::Eventually("the process to listen", kPatience, [&] {
    const absl::Status status = SendOnSocket(EndpointOf(running), "", kPatience);
    return absl::IsUnavailable(status) ? status : absl::OkStatus();
  }));
}

// Five minutes of running are not long enough for its crashes to be forgotten; more are.
void CheckReset(World& world) {
  world.Desire(MakeScript("knocked", 1, "nc -l -p 8080; exit 3"));
  Knock(world.WaitRunning(0));
  Knock(world.WaitRunning(1));
  ActualLrp running = world.WaitRunning(2);
  world.Advance(absl::Minutes(5));
  Knock(running);
  world.WaitCrashed(3);
  world.Advance(absl::Seconds(30));
  running = world.WaitRunning(3);
  world.Advance(absl::Minutes(5) + kTick);
  Knock(running);
  world.WaitRunning(1);
  world.Remove();
}

TEST_CASE("crash back-off: by the clock, whichever BBS is the master", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  World world(store);
  CheckBackoff(world);
  CheckOwnPolicy(world);
  CheckReset(world);
  REQUIRE_OK(world.cluster().StopAll());
  CHECK(world.cluster().Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
