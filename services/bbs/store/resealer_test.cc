// A change of the active key, while rows go on being written, stopped at any statement, taken over
// by others.
#include "services/bbs/store/resealer.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/sync/worker.h"
#include "libs/testing/fake_clock.h"
#include "services/bbs/core/state.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/schema.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using diego::testing::FaultPlan;
using diego::testing::TestDatabase;
using testing::Actual;
using testing::Appears;
using testing::Desired;
using testing::Handle;
using testing::Job;
using testing::Ring;

crypto::KeyRing OldRing() { return Ring("key-1", {{"key-1", "passphrase"}}); }
crypto::KeyRing BothRing() {
  return Ring("key-2", {{"key-1", "passphrase"}, {"key-2", "another"}});
}
crypto::KeyRing CalledOffRing() {
  return Ring("key-1", {{"key-1", "passphrase"}, {"key-2", "another"}});
}
crypto::KeyRing NewRing() { return Ring("key-2", {{"key-2", "another"}}); }

constexpr int kInstances = 70;  // more than two pages

void Fill(Handle& handle) {
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  Changes rows = {Appears(Desired("web")), Appears(Desired("api")), Appears(Job("job"))};
  for (int i = 0; i < kInstances; ++i) rows.push_back(Appears(Actual("web", i)));
  REQUIRE(handle.store.Commit({1, 1}, rows).result == CommitResult::kCommitted);
}

// Steps until the label row says `label`.
void RunToEnd(Handle& handle, Resealer& resealer, uint64_t epoch) {
  for (int step = 0; step < 100; ++step) {
    resealer.Step(epoch);
    if (handle.Configuration(kKeyLabelRow) == handle.keys.active_label()) return;
  }
  FAIL("it does not end");
}

// How many payloads are not under the active key of `handle`.
int Others(Handle& handle) {
  int others = 0;
  for (const SealedTable& table : SealedTables()) {
    for (const SealedColumn& column : table.columns) {
      const absl::Status read = handle.database->Read([&](sql::Transaction& tx) {
        return tx.Query(absl::StrCat("SELECT ", column.name, " FROM ", table.shape->name), {},
                        [&](const sql::Row& row) {
                          others += handle.keys.IsUnderActiveKey(row.Text(0)) ? 0 : 1;
                          return absl::OkStatus();
                        });
      });
      REQUIRE(read.ok());
    }
  }
  return others;
}

State Loaded(Handle& handle, uint64_t epoch) {
  REQUIRE(handle.store.Prepare(epoch).ok());
  const auto loaded = handle.store.Load(epoch);
  REQUIRE(loaded.ok());
  CHECK(handle.store.quarantined().empty());
  State state;
  for (const Change& row : loaded->rows) state.Apply(row);
  return state;
}

// To one who has the keys of `ring` only.
void CheckAllThere(const TestDatabase& place, uint64_t epoch, crypto::KeyRing ring = NewRing()) {
  Handle handle(place, std::move(ring));
  const State state = Loaded(handle, epoch);
  CHECK(*state.FindDesired(ProcessGuid("web")) == Desired("web"));
  CHECK(*state.FindDesired(ProcessGuid("api")) == Desired("api"));
  CHECK(*state.FindTask(TaskGuid("job")) == Job("job"));
  CHECK(*state.FindActual(SlotOf(Actual("web", 69))) == Actual("web", 69));
  CHECK(state.actual_lrp_row_count() == kInstances);
  CHECK(Others(handle) == 0);
}

TEST_CASE("reseal: all payloads come under the new active key, then the label row says so",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  REQUIRE(handle.store.Load(2).ok());
  CHECK(Others(handle) == 2 * 5 + 1 + kInstances * 3);
  FakeClock clock;
  Resealer resealer(handle.database.get(), &handle.keys, clock, log::Logger::Discard());
  CHECK(resealer.Step(std::nullopt) > absl::ZeroDuration());
  CHECK_FALSE(resealer.progress().running);
  resealer.Step(2);
  CHECK(resealer.progress().running);
  CHECK(resealer.progress().rows == 3 + kInstances);
  CHECK(handle.Configuration(kKeyLabelRow) == "key-1");
  clock.Advance(absl::Seconds(3));
  RunToEnd(handle, resealer, 2);
  CHECK(resealer.progress().took == absl::Seconds(3));
  CHECK_FALSE(resealer.progress().running);
  CHECK(resealer.progress().seen == 3 + kInstances);
  CHECK(resealer.progress().resealed == 3 + kInstances);
  CHECK(resealer.progress().unreadable == 0);
  CheckAllThere(*place, 3);
}

TEST_CASE("reseal: without a label row the state is mixed, and all of it is looked at",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  old.Run("DELETE FROM configurations WHERE id = 'encryption_key_label'");
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  REQUIRE(handle.store.Load(2).ok());
  REQUIRE(handle.store.Commit({2, 1}, {Appears(Actual("web", 0))}).result ==
          CommitResult::kCommitted);
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  RunToEnd(handle, resealer, 2);
  CHECK(resealer.progress().resealed == 2 + kInstances);
  CheckAllThere(*place, 3);
}

TEST_CASE("reseal: what cannot be read stays as it is; what the original wants filled is filled",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  old.Run("UPDATE actual_lrps SET net_info = '02AAAA' WHERE instance_index = 7");
  old.Run(
      "UPDATE actual_lrps SET internal_routes = NULL, metric_tags = '' "
      "WHERE instance_index = 8");
  old.Run("UPDATE desired_lrps SET metric_tags = NULL WHERE process_guid = 'web'");
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  REQUIRE(handle.store.Load(2).ok());
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  RunToEnd(handle, resealer, 2);
  CHECK(resealer.progress().unreadable == 1);
  CHECK(handle.First("SELECT net_info FROM actual_lrps WHERE instance_index = 7") == "02AAAA");
  CHECK(handle.keys.IsUnderActiveKey(
      handle.First("SELECT net_info FROM actual_lrps WHERE instance_index = 8")));
  CHECK(handle.First("SELECT COUNT(*) FROM actual_lrps WHERE internal_routes IS NULL") == "1");
  CHECK(*handle.keys.Decode(handle.First(
            "SELECT metric_tags FROM desired_lrps WHERE process_guid = 'web'")) == "{}");
}

TEST_CASE("reseal: killed at one statement in seven, and begun again by the next", "[bbs][store]") {
  for (int64_t position = 0;; position += 7) {
    INFO("death before statement " << position);
    const auto place = diego::testing::FreshDatabase();
    Handle old(*place, OldRing());
    Fill(old);
    FaultPlan faults;
    Handle dying(*place, &faults);
    dying.keys = BothRing();
    REQUIRE(dying.store.Prepare(2).ok());
    faults.Arm(position, diego::testing::Fault::kDeathBefore);
    {
      Resealer resealer(dying.database.get(), &dying.keys, RealClock(), log::Logger::Discard());
      for (int step = 0; step < 12; ++step) resealer.Step(2);
    }
    Handle next(*place, BothRing());
    REQUIRE(next.store.Prepare(3).ok());
    Resealer resealer(next.database.get(), &next.keys, RealClock(), log::Logger::Discard());
    RunToEnd(next, resealer, 3);
    CheckAllThere(*place, 4);
    if (!faults.fired()) break;
  }
}

TEST_CASE("reseal: every fault short of death is got over", "[bbs][store]") {
  for (const auto fault : diego::testing::kFaults) {
    for (int64_t position = 0; position < 100; position += 9) {
      INFO(diego::testing::FaultName(fault) << ", statement " << position);
      const auto place = diego::testing::FreshDatabase();
      Handle old(*place, OldRing());
      Fill(old);
      FaultPlan faults;
      Handle handle(*place, &faults);
      handle.keys = BothRing();
      REQUIRE(handle.store.Prepare(2).ok());
      faults.Arm(position, fault);
      Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
      for (int step = 0; step < 12; ++step) resealer.Step(2);
      faults.Disarm();
      RunToEnd(handle, resealer, 2);
      CheckAllThere(*place, 3);
    }
  }
}

TEST_CASE("reseal: a change that is called off half-way is undone", "[bbs][store]") {
  const bool paged = GENERATE(false, true);
  INFO((paged ? "a page was sealed anew" : "only commits were"));
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  REQUIRE(handle.store.Load(2).ok());
  REQUIRE(handle.store.Commit({2, 1}, {Appears(Actual("web", 69))}).result ==
          CommitResult::kCommitted);
  if (paged) {
    Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
    for (int step = 0; step < 4; ++step) resealer.Step(2);
    REQUIRE(resealer.progress().resealed > 0);
  }
  REQUIRE(handle.Configuration(kKeyLabelRow) == "key-1");

  Handle back(*place, CalledOffRing());
  REQUIRE(back.store.Prepare(3).ok());
  REQUIRE(Others(back) > 0);
  Resealer resealer(back.database.get(), &back.keys, RealClock(), log::Logger::Discard());
  resealer.Step(3);
  CHECK(resealer.progress().running);
  CHECK(resealer.progress().rows == 3 + kInstances);
  // Rows may be under the other key until the end.
  CHECK(absl::IsFailedPrecondition(Handle(*place, OldRing()).store.Prepare(4)));
  for (int step = 0; step < 100 && resealer.progress().running; ++step) resealer.Step(3);
  CHECK_FALSE(resealer.progress().running);
  CHECK(resealer.progress().resealed > 0);
  CHECK(Others(back) == 0);
  CHECK(back.Configuration(kKeyLabelRow) == "key-1");
  CHECK(back.Count("sealing_keys") == 0);
  CheckAllThere(*place, 4, OldRing());
}

TEST_CASE("reseal: nothing is looked at where no other key was in use since the label row",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, CalledOffRing());
  // Made under another label row: void.
  handle.Run("INSERT INTO sealing_keys (label, since_label) VALUES ('key-2', 'key-0')");
  // The active one is no other.
  handle.Run("INSERT INTO sealing_keys (label, since_label) VALUES ('key-1', 'key-1')");
  REQUIRE(handle.store.Prepare(2).ok());
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  for (int step = 0; step < 3; ++step) resealer.Step(2);
  CHECK_FALSE(resealer.progress().running);
  CHECK(resealer.progress().rows == 0);
}

TEST_CASE("reseal: one who lost office writes nothing, not even the label", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  resealer.Step(2);
  const int others = Others(handle);
  Handle newer(*place, BothRing());
  REQUIRE(newer.store.Prepare(3).ok());
  for (int step = 0; step < 12; ++step) resealer.Step(2);
  CHECK(Others(handle) == others);
  CHECK(handle.Configuration(kKeyLabelRow) == "key-1");
}

TEST_CASE("reseal: rows that are written meanwhile are never set back", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  REQUIRE(handle.store.Load(2).ok());
  Handle other(*place, BothRing());
  Resealer resealer(other.database.get(), &other.keys, RealClock(), log::Logger::Discard());
  Worker worker("resealer", [&] {
    resealer.Step(2);
    return absl::ZeroDuration();
  });
  uint64_t batch = 0;
  ActualLrp latest = Actual("web", 0);
  // On, until all is under the new key and then some.
  while (batch < 40 || handle.Configuration(kKeyLabelRow) == "key-1") {
    REQUIRE(batch < 5000);
    ++batch;
    Changes rows;
    for (int i = 0; i < kInstances; i += 3) {
      latest = Actual("web", i);
      latest.tag.index = static_cast<uint32_t>(batch);
      rows.push_back(Appears(latest));
    }
    REQUIRE(handle.store.Commit({2, batch}, rows).result == CommitResult::kCommitted);
  }
  worker.Stop();
  Handle next(*place, NewRing());
  const State state = Loaded(next, 3);
  for (int i = 0; i < kInstances; ++i) {
    const auto row = state.FindActual(SlotOf(Actual("web", i)));
    REQUIRE(row != nullptr);
    CHECK(row->tag.index == (i % 3 == 0 ? batch : Actual("web", i).tag.index));
  }
  CHECK(Others(next) == 0);
}

TEST_CASE("keys: in the middle of a change, one who knows only one of the two is refused by name",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  Handle forgotten(*place, OldRing());
  const absl::Status refused = forgotten.store.Prepare(3);
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(refused.message() == "Existing encryption key version (key-2) is not among the known keys");
  Handle hasty(*place, NewRing());
  CHECK(hasty.store.Prepare(3).message() ==
        "Existing encryption key version (key-1) is not among the known keys");
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  RunToEnd(handle, resealer, 2);
  CHECK(handle.Count("sealing_keys") == 0);
  CHECK(Handle(*place, NewRing()).store.Prepare(3).ok());
}

TEST_CASE("keys: in the middle of a change, what tells of it is not dropped", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  MigrationRun run;
  run.epoch = 3;
  run.to = SchemaVersion();
  run.drop_additions = true;
  const absl::Status refused = handle.store.MigrateTo(run);
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK_THAT(std::string(refused.message()),
             Catch::Contains("\"key-1\"") && Catch::Contains("\"key-2\""));
  CHECK(handle.Count("sealing_keys") == 1);
  REQUIRE(handle.store.Prepare(4).ok());
  Resealer resealer(handle.database.get(), &handle.keys, RealClock(), log::Logger::Discard());
  RunToEnd(handle, resealer, 4);
  run.epoch = 5;
  CHECK(handle.store.MigrateTo(run).ok());
}

TEST_CASE("keys: a change that another program ended makes our notes void", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old(*place, OldRing());
  Fill(old);
  Handle handle(*place, BothRing());
  REQUIRE(handle.store.Prepare(2).ok());
  CHECK(handle.Count("sealing_keys") == 1);
  // The original went on from here, to a key of its own, and wrote the label row.
  old.Run("UPDATE configurations SET value = 'key-3' WHERE id = 'encryption_key_label'");
  Handle later(*place, Ring("key-3", {{"key-3", "third"}}));
  CHECK(later.store.Prepare(3).ok());
}

}  // namespace
}  // namespace diego::bbs
