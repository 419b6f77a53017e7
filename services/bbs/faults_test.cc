// Every command, over a real database, with every kind of fault at every statement that its commit
// sends. What was acknowledged is stored; what was refused is not; of what was answered Unavailable
// either all is stored or nothing.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libs/models/error.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/fault_plan.h"
#include "libs/testing/test_databases.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"
#include "services/bbs/engine/term.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

using diego::testing::Fault;
using diego::testing::FaultPlan;
using testing::Cells;
using testing::FactsOf;
using testing::Instance;
using testing::kApps;
using testing::KeyOf;
using testing::kJob;
using testing::kWeb;
using testing::Web;

struct Case {
  const char* name;
  const char* world;
  Command command;
  const char* request_id = "";  // "" = it carries none
};

Task Job() {
  Task task;
  task.task_guid = kJob;
  task.domain = kApps;
  return task;
}
DesiredLrpUpdate Instances(int32_t count) {
  DesiredLrpUpdate update;
  update.instances = count;
  return update;
}

DesiredLrpUpdate To(const char* definition_id) {
  DesiredLrpUpdate update;
  update.definition = testing::Definition(definition_id);
  update.definition->run_info = Opaque();
  return update;
}

#define ROLLING "desired v=v2 kept=v1 base=v1 healthy=v1 at=0 beside"

// One at least of each command, and some refusals.
std::vector<Case> Cases() {
  const InstanceKey a = Instance("a@1");
  Converge converge;
  converge.live_cells = Cells("1");
  return {
      {"upsert a domain", "fresh", UpsertDomain{kApps, absl::Hours(2)}},
      {"desire", "fresh", DesireLrp{Web(2)}},
      {"desire, by a request id", "fresh", DesireLrp{Web(2)}, "request-1"},
      {"desire what is there", "desired=1", DesireLrp{Web(2)}},
      {"update", "desired=1 | UNCLAIMED", UpdateDesiredLrp{kWeb, Instances(3)}},
      {"update to a definition", "desired v=v1 | RUNNING a@1 v=v1",
       UpdateDesiredLrp{kWeb, To("v2")}},
      {"cancel an update", ROLLING " | CLAIMED c@3 v=v2 | E:RUNNING a@1 v=v1",
       CancelDesiredLrpUpdate{kWeb}},
      {"roll back", "desired v=v2 kept=v1 healthy=v2 | RUNNING a@1 v=v2",
       RollBackDesiredLrp{kWeb, "v1"}},
      {"remove what is not there, by a request id", "", RemoveDesiredLrp{kWeb}, "request-2"},
      {"cancel an update where none is under way", "desired=1 | UNCLAIMED",
       CancelDesiredLrpUpdate{kWeb}},
      {"roll back to what is not kept", "desired=1 | UNCLAIMED", RollBackDesiredLrp{kWeb, "no"}},
      {"remove desired", "desired=1 | UNCLAIMED", RemoveDesiredLrp{kWeb}},
      {"remove what is not there", "", RemoveDesiredLrp{kWeb}},
      {"claim", "desired | UNCLAIMED", ClaimActualLrp{kWeb, 0, a}},
      {"claim what is not there", "", ClaimActualLrp{kWeb, 0, a}},
      {"start", "desired | CLAIMED a@1", StartActualLrp{FactsOf("a@1")}},
      {"crash", "desired | RUNNING a@1", CrashActualLrp{KeyOf(0), a, "out of memory"}},
      {"fail", "desired | UNCLAIMED", FailActualLrp{KeyOf(0), "no room"}},
      {"remove", "RUNNING a@1", RemoveActualLrp{kWeb, 0, a}},
      {"retire", "desired | UNCLAIMED", RetireActualLrp{KeyOf(0), nullptr}},
      {"evacuate claimed", "desired | CLAIMED a@1", EvacuateClaimedActualLrp{KeyOf(0), a}},
      {"evacuate running", "desired | RUNNING a@1", EvacuateRunningActualLrp{FactsOf("a@1")}},
      {"evacuate stopped", "desired | RUNNING a@1", EvacuateStoppedActualLrp{KeyOf(0), a}},
      {"evacuate crashed", "desired | RUNNING a@1", EvacuateCrashedActualLrp{KeyOf(0), a, "x"}},
      {"remove evacuating", "desired | E:RUNNING a@1", RemoveEvacuatingActualLrp{KeyOf(0), a}},
      {"desire a task", "fresh", DesireTask{Job()}},
      {"desire a task that is there", "task Pending", DesireTask{Job()}},
      {"start a task", "task Pending", StartTask{kJob, CellId("1")}},
      {"cancel a task", "task Running 1", CancelTask{kJob}},
      {"fail a task", "task Pending", FailTask{kJob, "no"}},
      {"reject a task", "task Pending", RejectTask{kJob, "no"}},
      {"complete a task", "task Running 1", CompleteTask{kJob, CellId("1"), false, "", "42"}},
      {"resolve a task", "task Completed", ResolvingTask{kJob}},
      {"delete a task", "task Resolving", DeleteTask{kJob}},
      {"delete a task too early", "task Running 1", DeleteTask{kJob}},
      {"a call about what is not there", "", RefuseCall{DiegoError(ErrorType::kResourceNotFound)}},
      {"converge", "fresh | desired=2 | RUNNING a@9", converge},
  };
}

class Recorder final : public AfterCommit, public LiveCells, public EngineMetrics {
 public:
  void Act(std::vector<Effect> effects, const std::string&) override { acted += effects.size(); }
  Seen Get() const override { return {}; }
  void Expect(const std::set<CellId>&) override {}
  void BatchCommitted(size_t, const Changes&, absl::Duration) override {}
  void CommitUnsure() override {}
  void SubscriberCutOff() override {}
  void ConvergencePassed(absl::Duration, const ConvergenceCounts&) override {}
  void ConvergenceSliced(absl::Duration) override {}
  void EvacuationsStranded(size_t) override {}
  size_t acted = 0;
};

// The rows of a state, each as itself.
Changes RowsOf(const State& state) {
  Changes rows;
  for (const auto& [key, row] : state.domains()) rows.push_back(Appears(row));
  for (const auto& [key, row] : state.desired_lrps()) rows.push_back(Appears(row));
  for (const auto& [key, row] : state.tasks()) rows.push_back(Appears(row));
  for (const Record<AnsweredCall>& row : state.answered_calls()) rows.push_back(Appears(row));
  for (const auto& [key, rows_of_index] : state.actual_lrps()) {
    for (const Record<ActualLrp>& row : rows_of_index.by_presence) {
      if (row != nullptr) rows.push_back(Appears(row));
    }
  }
  return rows;
}

// The world, with definitions that can be stored and read.
State WorldOf(const Case& c) {
  Changes rows;
  for (Change& row : RowsOf(testing::World(c.world))) {
    if (const auto* task = std::get_if<TaskChange>(&row)) {
      Task stored = *task->after;
      stored.definition = Opaque();
      row = Appears(MakeRecord(std::move(stored)));
    } else if (const auto* lrp = std::get_if<DesiredLrpChange>(&row)) {
      DesiredLrp stored = *lrp->after;
      stored.run_info = Opaque();
      Rollout rollout = *stored.rollout;
      for (LrpDefinition& kept : rollout.kept) kept.run_info = Opaque();
      stored.rollout = SharedRollout(std::move(rollout));
      row = Appears(MakeRecord(std::move(stored)));
    }
    rows.push_back(std::move(row));
  }
  return testing::StateWith(rows);
}

bool SameRows(const State& one, const State& other) {
  const Changes rows = RowsOf(one);
  const Changes others = RowsOf(other);
  if (rows.size() != others.size()) return false;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool same = std::visit(
        [&](const auto& row) {
          const auto* match = std::get_if<std::decay_t<decltype(row)>>(&others[i]);
          return match != nullptr && *row.after == *match->after;
        },
        rows[i]);
    if (!same) return false;
  }
  return true;
}

// What a caller learned, and what the database holds then.
struct Ending {
  int answers = 0;
  absl::Status status;
  size_t effects = 0;
  bool term_over = false;
  bool fired = false;
  State stored;
};

// One database, in which one case after the other is played.
class Stage {
 public:
  Stage() { REQUIRE(keeper_.Prepare(++epoch_).ok()); }

  // Without a fault when `fault` is nothing. With `stale` the database's word is due first.
  Ending Play(const Case& c, std::optional<std::pair<Fault, int64_t>> fault, bool stale) {
    Fill(WorldOf(c));
    return Go(c, fault, stale);
  }

  // The call alone, on what is stored, to the next term.
  Ending Go(const Case& c, std::optional<std::pair<Fault, int64_t>> fault, bool stale) {
    FakeClock clock;
    Recorder recorder;
    TermPorts ports;
    ports.clock = &clock;
    ports.store = &store_;
    ports.after_commit = &recorder;
    ports.live_cells = &recorder;
    ports.metrics = &recorder;
    faults_.Disarm();
    Term term(EngineSettings(), ports, ++epoch_, 7);
    REQUIRE(term.Load().ok());
    if (stale) clock.Advance(absl::Seconds(2));
    if (fault) faults_.Arm(fault->second, fault->first);
    Ending ending;
    std::optional<RequestIdentity> once;
    if (*c.request_id != '\0') once = RequestIdentity{c.request_id, std::string(64, 'd')};
    REQUIRE(term.Submit({c.command,
                         [&](const Reply& reply) {
                           ++ending.answers;
                           ending.status = reply.status;
                         },
                         once, ""})
                .ok());
    for (int step = 0; step < 60 && ending.answers == 0 && !term.over(); ++step) {
      term.StepSequencer(absl::ZeroDuration());
      if (term.StepCommitter(absl::ZeroDuration()) > absl::ZeroDuration()) {
        clock.Advance(absl::Seconds(1));
      }
      term.StepPublisher(absl::ZeroDuration());
    }
    ending.term_over = term.over().has_value();
    ending.fired = faults_.fired();
    term.End(absl::CancelledError("the test is over"));
    term.AnswerRest();
    ending.effects = recorder.acted;
    faults_.Disarm();
    ending.stored = Stored();
    return ending;
  }

  State Stored() {
    const auto loaded = keeper_.Load(++epoch_);
    INFO(loaded.status());
    REQUIRE(loaded.ok());
    REQUIRE(keeper_.quarantined().empty());
    return testing::StateWith(loaded->rows);
  }

 private:
  void Fill(const State& world) {
    Changes rows;
    for (const Change& row : RowsOf(Stored())) {
      std::visit([&](const auto& there) { rows.push_back(Disappears(there.after)); }, row);
    }
    for (Change& row : RowsOf(world)) rows.push_back(std::move(row));
    if (rows.empty()) return;
    REQUIRE(keeper_.Commit({epoch_, 1}, rows).result == CommitResult::kCommitted);
  }

  std::unique_ptr<sql::Database> Open(FaultPlan* faults) {
    sql::DatabaseOptions options = place_->options();
    options.retry_pause = absl::ZeroDuration();
    if (faults != nullptr) faults->ApplyTo(&options);
    return *sql::Database::Open(std::move(options));
  }

  const std::unique_ptr<diego::testing::TestDatabase> place_ = diego::testing::FreshDatabase();
  FaultPlan faults_;
  const std::unique_ptr<sql::Database> database_ = Open(nullptr);
  const std::unique_ptr<sql::Database> faulty_database_ = Open(&faults_);
  const crypto::KeyRing keys_ = *crypto::KeyRing::Make("k", {{"k", "p"}});
  SqlStore keeper_{database_.get(), &keys_, log::Logger::Discard()};
  SqlStore store_{faulty_database_.get(), &keys_, log::Logger::Discard()};
  uint64_t epoch_ = 0;
};

void CheckEnding(const Ending& ending, const Ending& calm, const State& before) {
  CHECK(ending.answers == 1);
  const bool stored = SameRows(ending.stored, calm.stored);
  const bool untouched = SameRows(ending.stored, before);
  CHECK((stored || untouched));
  if (absl::IsUnavailable(ending.status) && !absl::IsUnavailable(calm.status)) {
    // Nobody was told anything, and nothing was done outside.
    CHECK(ending.effects == 0);
  } else {
    CHECK(ending.status == calm.status);
    CHECK(stored);
    CHECK(ending.effects == calm.effects);
  }
}

TEST_CASE("faults: every command, every fault, every statement", "[bbs][faults]") {
  Stage stage;
  for (const Case& c : Cases()) {
    for (const bool stale : {false, true}) {
      const Ending calm = stage.Play(c, std::nullopt, stale);
      REQUIRE(calm.answers == 1);
      REQUIRE_FALSE(calm.term_over);
      const State before = WorldOf(c);
      for (const Fault fault : diego::testing::kFaults) {
        for (int64_t position = 0;; ++position) {
          INFO(c.name << (stale ? ", the database's word is due" : "") << ": "
                      << diego::testing::FaultName(fault) << ", statement " << position);
          const Ending ending = stage.Play(c, std::pair(fault, position), stale);
          if (!ending.fired) break;
          CheckEnding(ending, calm, before);
          // One fault is got over: the caller does not even notice.
          CHECK(ending.status == calm.status);
          CHECK_FALSE(ending.term_over);
        }
      }
    }
  }
}

TEST_CASE("faults: every command, dying at every statement", "[bbs][faults]") {
  Stage stage;
  for (const Case& c : Cases()) {
    const Ending calm = stage.Play(c, std::nullopt, false);
    REQUIRE(calm.answers == 1);
    for (const Fault death : diego::testing::kDeaths) {
      for (int64_t position = 0;; ++position) {
        INFO(c.name << ": " << diego::testing::FaultName(death) << ", statement " << position);
        const Ending ending = stage.Play(c, std::pair(death, position), false);
        if (!ending.fired) break;
        CheckEnding(ending, calm, WorldOf(c));
        // A process that lost its database for good stops being the active one.
        CHECK(ending.term_over);
        CHECK(absl::IsUnavailable(ending.status));
      }
    }
  }
}

TEST_CASE("faults: a call with a request id that died at any statement is made again and done once",
          "[bbs][faults]") {
  Stage stage;
  for (const Case& c : Cases()) {
    if (*c.request_id == '\0') continue;
    const Ending calm = stage.Play(c, std::nullopt, false);
    CHECK_FALSE(SameRows(calm.stored, WorldOf(c)));
    for (const Fault death : diego::testing::kDeaths) {
      for (int64_t position = 0;; ++position) {
        INFO(c.name << ": " << diego::testing::FaultName(death) << ", statement " << position);
        if (!stage.Play(c, std::pair(death, position), false).fired) break;
        const Ending again = stage.Go(c, std::nullopt, false);
        CHECK(again.answers == 1);
        CHECK(again.status == calm.status);
        CHECK(SameRows(again.stored, calm.stored));
      }
    }
  }
}

TEST_CASE("faults: no command is missing here, and each is carried out in one of its cases",
          "[bbs][faults]") {
  Stage stage;
  std::set<size_t> covered;
  for (const Case& c : Cases()) {
    const Ending calm = stage.Play(c, std::nullopt, false);
    const bool refuses = std::holds_alternative<RefuseCall>(c.command);
    if (refuses || (calm.status.ok() && !SameRows(calm.stored, WorldOf(c)))) {
      covered.insert(c.command.index());
    }
  }
  CHECK(covered.size() == std::variant_size_v<AnyCommand>);
}

}  // namespace
}  // namespace diego::bbs
