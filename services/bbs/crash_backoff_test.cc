// An instance that crashes again and again, through the engine and a real database, by a clock that
// only the test moves; masters come and go meanwhile. The rules alone: core/crash_policy_test.cc.
// Source: reference/behaviours.md section 1 "Crash back-off".
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/test_databases.h"
#include "services/bbs/engine/term.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

const ProcessGuid kWeb("web");
const Domain kApps("apps");
const CellId kCell("cell-1");
constexpr int kManySteps = 100;

// Counts the starts that are asked for, and the passes of convergence.
class Recorder final : public AfterCommit, public LiveCells, public EngineMetrics {
 public:
  void Act(std::vector<Effect> effects, const std::string&) override {
    for (const Effect& effect : effects) auctions += std::holds_alternative<AuctionLrps>(effect);
  }
  Seen Get() const override { return {cells, false}; }
  void Expect(const std::set<CellId>&) override {}
  void BatchCommitted(size_t, const Changes&, absl::Duration) override {}
  void CommitUnsure() override {}
  void SubscriberCutOff() override {}
  void ConvergencePassed(absl::Duration, const ConvergenceCounts&) override { ++passes; }
  void ConvergenceSliced(absl::Duration) override {}
  void EvacuationsStranded(size_t) override {}

  int auctions = 0;
  int passes = 0;
  const std::shared_ptr<const std::set<CellId>> cells =
      std::make_shared<const std::set<CellId>>(std::set<CellId>{kCell});
};

class World {
 public:
  explicit World(const diego::testing::TestDatabase& place) : database_(place.Open()) {
    NewMaster();
    Do(UpsertDomain{kApps, absl::ZeroDuration()});
    DesiredLrp lrp;
    lrp.process_guid = kWeb;
    lrp.domain = kApps;
    lrp.instances = 1;
    lrp.placement.root_fs = "preloaded:busybox";
    Do(DesireLrp{lrp});
  }

  // The next one loads everything anew.
  void NewMaster() {
    term_.reset();
    REQUIRE(store_.Prepare(++epoch_).ok());
    TermPorts ports;
    ports.clock = &clock;
    ports.store = &store_;
    ports.after_commit = &recorder_;
    ports.live_cells = &recorder_;
    ports.metrics = &recorder_;
    term_ = std::make_unique<Term>(EngineSettings(), ports, epoch_, epoch_);
    REQUIRE(term_->Load().ok());
  }

  void Do(Command command) {
    std::optional<absl::Status> status;
    REQUIRE(term_->Submit({std::move(command), [&](const Reply& r) { status = r.status; }}).ok());
    for (int i = 0; i < kManySteps && !status; ++i) Step();
    REQUIRE(status.has_value());
    INFO(status->ToString());
    REQUIRE(status->ok());
  }

  // It runs for so long, and crashes.
  void RunAndCrash(absl::Duration runs_for) {
    InstanceFacts facts;
    facts.key = {kWeb, 0, kApps};
    facts.instance = {InstanceGuid(absl::StrCat("instance-", ++runs_)), kCell};
    facts.net_info.address = "10.0.0.1";
    Do(StartActualLrp{facts});
    clock.Advance(runs_for);
    Do(CrashActualLrp{facts.key, facts.instance, "boom"});
  }

  void Converge() {
    const int passes = recorder_.passes;
    term_->ConvergeNow();
    for (int i = 0; i < kManySteps && recorder_.passes == passes; ++i) {
      term_->StepConverger(absl::ZeroDuration());
      Step();
    }
    REQUIRE(recorder_.passes == passes + 1);
  }

  // "CRASHED x3", and "auctioned" when a start has been asked for since this was asked last.
  std::string Looks() {
    Step();  // the database's word may be due
    auto rows = term_->view().ActualLrps({});
    REQUIRE(rows.ok());
    const ActualLrp* row = rows->Next();
    REQUIRE(row != nullptr);
    std::string looks = absl::StrCat(ActualLrpStateName(row->state), " x", row->crash_count);
    if (recorder_.auctions > seen_auctions_) looks += " auctioned";
    seen_auctions_ = recorder_.auctions;
    CHECK(rows->Next() == nullptr);
    return looks;
  }

  FakeClock clock;

 private:
  void Step() {
    term_->StepSequencer(absl::ZeroDuration());
    term_->StepCommitter(absl::ZeroDuration());
    term_->StepPublisher(absl::ZeroDuration());
  }

  const std::unique_ptr<sql::Database> database_;
  const crypto::KeyRing keys_ = *crypto::KeyRing::Make("k", {{"k", "p"}});
  SqlStore store_{database_.get(), &keys_, log::Logger::Discard()};
  Recorder recorder_;
  std::unique_ptr<Term> term_;
  uint64_t epoch_ = 0;
  int runs_ = 0;
  int seen_auctions_ = 0;
};

void CheckBackoff(const diego::testing::TestDatabase& place) {
  World world(place);
  CHECK(world.Looks() == "UNCLAIMED x0 auctioned");
  for (const int count : {1, 2}) {
    world.RunAndCrash(absl::Seconds(1));
    CHECK(world.Looks() == absl::StrCat("UNCLAIMED x", count, " auctioned"));
  }
  int count = 2;
  for (const int wait_seconds : {30, 60, 120, 240, 480, 960, 960}) {
    world.RunAndCrash(absl::Seconds(1));
    const std::string crashed = absl::StrCat("CRASHED x", ++count);
    CHECK(world.Looks() == crashed);
    world.clock.Advance(absl::Seconds(wait_seconds) - absl::Milliseconds(1));
    world.Converge();
    CHECK(world.Looks() == crashed);
    // How long it has waited outlives the master.
    world.NewMaster();
    world.Converge();
    CHECK(world.Looks() == crashed);
    world.clock.Advance(absl::Milliseconds(1));
    world.Converge();
    CHECK(world.Looks() == absl::StrCat("UNCLAIMED x", count, " auctioned"));
  }
  // Five minutes are not long enough; more are.
  world.RunAndCrash(absl::Minutes(5));
  CHECK(world.Looks() == absl::StrCat("CRASHED x", ++count));
  world.clock.Advance(absl::Minutes(16));
  world.Converge();
  CHECK(world.Looks() == absl::StrCat("UNCLAIMED x", count, " auctioned"));
  world.RunAndCrash(absl::Minutes(5) + absl::Milliseconds(1));
  CHECK(world.Looks() == "UNCLAIMED x1 auctioned");

  // Given up at its own maximum, for ever, until that is raised.
  const auto set_attempts = [&](int32_t attempts) {
    DesiredLrpUpdate update;
    update.crash_restart_policy.emplace().max_restart_attempts = attempts;
    world.Do(UpdateDesiredLrp{kWeb, update});
  };
  set_attempts(4);
  for (int i = 0; i < 2; ++i) {
    world.RunAndCrash(absl::Seconds(1));
    world.clock.Advance(absl::Minutes(1));
    world.Converge();
  }
  CHECK(world.Looks() == "UNCLAIMED x3 auctioned");
  world.RunAndCrash(absl::Seconds(1));
  world.clock.Advance(absl::Hours(24 * 365));
  world.NewMaster();
  world.Converge();
  CHECK(world.Looks() == "CRASHED x4");
  set_attempts(0);
  world.Converge();
  CHECK(world.Looks() == "UNCLAIMED x4 auctioned");
}

TEST_CASE("crash back-off: by the clock, over any number of masters, on SQLite and MariaDB",
          "[bbs]") {
  SECTION("sqlite") { CheckBackoff(*diego::testing::FreshSqlite()); }
  SECTION("mariadb") { CheckBackoff(*diego::testing::FreshMariaDb()); }
}

}  // namespace
}  // namespace diego::bbs
