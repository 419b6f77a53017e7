// Migrations up and down over stored rows, with the process killed at every single statement.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/wire/serialize.h"
#include "proto/models/desired_lrp.pb.h"
#include "services/bbs/core/state.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/testing_store.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {
namespace {

using diego::testing::Fault;
using diego::testing::FaultPlan;
using testing::Actual;
using testing::Appears;
using testing::Apps;
using testing::Desired;
using testing::Handle;
using testing::Job;

constexpr int64_t kEncryptedRoutes = 1474993971;
constexpr int64_t kPresence = 1529530809;
constexpr int64_t kBefore2022 = kPresence;

// Records that lose nothing on the way down to the version before presence, as far as they go.
DesiredLrp Plain() {
  DesiredLrp lrp = Desired("web");
  lrp.size.max_pids = 0;
  lrp.placement.placement_tags.clear();
  lrp.update_strategy = UpdateStrategy::kRolling;
  // What is in our additions is dropped on the way.
  lrp.crash_restart_policy = {};
  lrp.definition_id = "";
  lrp.rollout = DesiredLrp().rollout;
  return lrp;
}
DomainRecord PlainApps() {
  DomainRecord apps = Apps();
  apps.crash_restart_policy = {};
  return apps;
}
ActualLrp PlainActual(int32_t index, Presence presence) {
  ActualLrp lrp = Actual("web", index);
  lrp.presence = presence;
  lrp.internal_routes.clear();
  lrp.metric_tags.clear();
  lrp.availability_zone = "";
  lrp.definition_id = "";
  return lrp;
}
Task PlainTask() {
  Task task = Job("job");
  task.rejection_count = 0;
  task.rejection_reason = "";
  return task;
}

// Metric tags that were in run_info once stay there, beside the column.
DesiredLrp WithoutTagsInRunInfo(DesiredLrp lrp) {
  models::DesiredLRPRunInfo run_info;
  REQUIRE(wire::Parse(lrp.run_info.bytes(), "run_info", &run_info).ok());
  run_info.clear_metric_tags();
  lrp.run_info = Opaque(wire::Serialize(run_info));
  return lrp;
}

void Fill(Handle& handle, uint64_t epoch) {
  REQUIRE(handle.store.Prepare(epoch).ok());
  REQUIRE(handle.store.Load(epoch).ok());
  const CommitReply reply = handle.store.Commit(
      {epoch, 1},
      {Appears(Plain()), Appears(PlainActual(0, Presence::kOrdinary)),
       Appears(PlainActual(0, Presence::kEvacuating)), Appears(PlainActual(1, Presence::kOrdinary)),
       Appears(PlainActual(1, Presence::kSuspect)), Appears(PlainActual(2, Presence::kSuspect)),
       Appears(PlainTask()), Appears(PlainApps())});
  INFO(reply.detail);
  REQUIRE(reply.result == CommitResult::kCommitted);
}

// After a way down to `version` and up again.
void CheckRecords(Handle& handle, int64_t version) {
  REQUIRE(handle.store.Prepare(100).ok());
  const auto loaded = handle.store.Load(100);
  REQUIRE(loaded.ok());
  REQUIRE(handle.store.quarantined().empty());
  State state;
  for (const Change& row : loaded->rows) state.Apply(row);
  if (version == 0) {
    CHECK(loaded->rows.empty());
    return;
  }
  CHECK(WithoutTagsInRunInfo(*state.FindDesired(ProcessGuid("web"))) == Plain());
  CHECK(*state.FindTask(TaskGuid("job")) == PlainTask());
  CHECK(*state.FindDomain(Domain("apps")) == PlainApps());
  const auto at = [&](int32_t index, Presence presence) {
    return state.FindActual({ProcessGuid("web"), index, presence});
  };
  CHECK(*at(0, Presence::kOrdinary) == PlainActual(0, Presence::kOrdinary));
  CHECK(*at(0, Presence::kEvacuating) == PlainActual(0, Presence::kEvacuating));
  CHECK(*at(1, Presence::kOrdinary) == PlainActual(1, Presence::kOrdinary));
  // Before presence there were no suspects: one beside an ordinary instance goes, else it is one.
  const bool knows_suspects = version >= kPresence;
  CHECK((at(1, Presence::kSuspect) != nullptr) == knows_suspects);
  const Presence alone = knows_suspects ? Presence::kSuspect : Presence::kOrdinary;
  REQUIRE(at(2, alone) != nullptr);
  CHECK(*at(2, alone) == PlainActual(2, alone));
  CHECK(loaded->rows.size() == (knows_suspects ? 8 : 7));
}

std::string FreshSchema(int64_t version) {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.MigrateTo(version).ok());
  return handle.Schema();
}

TEST_CASE(
    "migrate down: to each version of the history the schema is as it was then, and up again "
    "nothing more is lost than was said",
    "[bbs][store]") {
  const auto history = SchemaHistory(nullptr);
  const size_t at = GENERATE(range(size_t{0}, size_t{20}));
  REQUIRE(history.size() + 1 == 20);
  const int64_t version = at == 0 ? 0 : history[at - 1].version;
  INFO("version " << version);
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  Fill(handle, 1);
  const absl::Status down = handle.MigrateTo(version);
  INFO(down);
  REQUIRE(down.ok());
  CHECK(handle.Configuration("version") == absl::StrCat("{\"CurrentVersion\":", version, "}"));
  CHECK(handle.Schema() == FreshSchema(version));
  if (version > 0 && version < kEncryptedRoutes) {
    CHECK(absl::StartsWith(handle.First("SELECT routes FROM desired_lrps"), "{\"cf-router\":"));
  }
  CheckRecords(handle, version);
  CHECK(handle.Schema() == FreshSchema(SchemaVersion()));
}

// Kills the process at one statement after the other of `work`, the database being made anew each
// time; `after` is told how to go on. Returns how many statements there are.
template <typename Make, typename Work, typename After>
int64_t AtEveryStatement(Make make, Work work, After after) {
  // Dying after a statement is dying before the next.
  for (int64_t position = 0;; ++position) {
    INFO("death before statement " << position);
    const auto place = diego::testing::FreshDatabase();
    make(*place);
    FaultPlan faults;
    Handle dying(*place, &faults);
    faults.Arm(position, Fault::kDeathBefore);
    const absl::Status died = work(dying);
    const bool fired = faults.fired();
    if (fired) CHECK_FALSE(died.ok());
    if (!fired) REQUIRE(died.ok());
    Handle next(*place);
    after(next);
    if (!fired) return position;
  }
}

TEST_CASE("migrate up: killed at any statement and run again", "[bbs][store]") {
  const int64_t from = GENERATE(int64_t{0}, kBefore2022);
  INFO("from version " << from);
  const std::string schema = FreshSchema(SchemaVersion());
  const int64_t statements = AtEveryStatement(
      [&](const diego::testing::TestDatabase& place) {
        if (from == 0) return;
        Handle handle(place);
        Fill(handle, 1);
        REQUIRE(handle.MigrateTo(from).ok());
      },
      [](Handle& dying) { return dying.store.Prepare(2); },
      [&](Handle& next) {
        CheckRecords(next, from);
        CHECK(next.Schema() == schema);
        CHECK(next.Configuration("version") == VersionJson({SchemaVersion(), std::nullopt}));
      });
  CHECK(statements > 20);
}

TEST_CASE("migrate down: killed at any statement, and ended, or called off", "[bbs][store]") {
  // Past the sealing of routes and the key's third part.
  const int64_t to = 1472757022;
  const bool call_off = GENERATE(false, true);
  INFO((call_off ? "called off" : "ended"));
  const std::string schema = FreshSchema(to);
  const std::string latest = FreshSchema(SchemaVersion());
  const int64_t statements = AtEveryStatement(
      [](const diego::testing::TestDatabase& place) {
        Handle handle(place);
        Fill(handle, 1);
      },
      [&](Handle& dying) { return dying.MigrateTo(to); },
      [&](Handle& next) {
        if (!call_off) {
          const absl::Status ended = next.MigrateTo(to);
          INFO(ended);
          REQUIRE(ended.ok());
          CHECK(next.Schema() == schema);
        } else if (next.Configuration("version") ==
                   absl::StrCat("{\"CurrentVersion\":", SchemaVersion(), ",\"TargetVersion\":", to,
                                "}")) {
          // Nothing is undone yet, but it was meant: a BBS keeps away until an operator decides.
          CHECK(absl::IsFailedPrecondition(next.store.Prepare(99)));
          REQUIRE(next.MigrateTo(SchemaVersion()).ok());
        }
        // How much was lost depends on how far it came; what has to stay is there.
        REQUIRE(next.store.Prepare(100).ok());
        REQUIRE(next.store.Load(100).ok());
        CHECK(next.store.quarantined().empty());
        CHECK(next.Count("actual_lrps") >= 4);
        CHECK(next.Schema() == latest);
      });
  CHECK(statements > 30);
}

TEST_CASE("migrate: any fault short of death is got over, at one statement in five",
          "[bbs][store]") {
  for (const Fault fault : diego::testing::kFaults) {
    for (int64_t position = 0;; position += 5) {
      INFO(diego::testing::FaultName(fault) << ", statement " << position);
      const auto place = diego::testing::FreshDatabase();
      FaultPlan faults;
      Handle handle(*place, &faults);
      faults.Arm(position, fault);
      // Some are tried again at once, all when the office takes its next turn.
      if (!handle.store.Prepare(1).ok()) REQUIRE(handle.store.Prepare(2).ok());
      if (!faults.fired()) break;
      CHECK(handle.Configuration("version") == VersionJson({SchemaVersion(), std::nullopt}));
    }
  }
}

}  // namespace
}  // namespace diego::bbs
