// What only a server can do to a commit.
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/sync/worker.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Actual;
using testing::Appears;
using testing::Handle;

int64_t OtherConnection(Handle& handle) {
  // The only connection to this database that is not the asking one; 0 when there is none. Asserts
  // nothing: a thread beside the test's own calls it.
  int64_t id = 0;
  handle.database
      ->Read([&](sql::Transaction& tx) {
        return tx.Query(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND "
            "id <> CONNECTION_ID()",
            {}, [&](const sql::Row& row) {
              id = row.Int64(0);
              return absl::OkStatus();
            });
      })
      .IgnoreError();
  return id;
}

void KillConnectionOf(Handle& watcher) {
  const int64_t id = OtherConnection(watcher);
  REQUIRE(id != 0);
  REQUIRE(diego::testing::SharedMariaDb().Administer(absl::StrCat("KILL ", id)).ok());
}

// With one try a call, so that a test sees each.
std::unique_ptr<sql::Database> OpenWithOneTry(const diego::testing::TestDatabase& place) {
  sql::DatabaseOptions options = place.options();
  options.max_tries = 1;
  return *sql::Database::Open(options);
}

TEST_CASE("unsure commit: the connection dies before the batch, sending it again lands it",
          "[bbs][store][mariadb]") {
  const auto place = diego::testing::FreshDatabase();
  Handle watcher(*place);
  REQUIRE(watcher.store.Prepare(1).ok());
  Handle master(*place);
  master.database = OpenWithOneTry(*place);
  SqlStore store(master.database.get(), &master.keys, log::Logger::Discard());
  REQUIRE(store.Load(1).ok());
  KillConnectionOf(watcher);
  const Changes batch = {Appears(Actual("web", 0))};
  CHECK(store.Commit({1, 1}, batch).result == CommitResult::kUnknown);
  CHECK(watcher.Count("actual_lrps") == 0);
  CHECK(store.Commit({1, 1}, batch).result == CommitResult::kCommitted);
  CHECK(watcher.Count("actual_lrps") == 1);
}

TEST_CASE("unsure commit: the reply to a commit is lost, sending it again tells that it landed",
          "[bbs][store][mariadb]") {
  const auto place = diego::testing::FreshDatabase();
  Handle first(*place);
  REQUIRE(first.store.Prepare(1).ok());
  REQUIRE(first.store.Load(1).ok());
  const Changes batch = {Appears(Actual("web", 0))};
  REQUIRE(first.store.Commit({1, 1}, batch).result == CommitResult::kCommitted);
  // To a process whose connection broke just then the batch is unsure; it sends it again.
  CHECK(first.store.Commit({1, 1}, batch).result == CommitResult::kCommitted);
  CHECK(first.First("SELECT revision FROM leadership") == "1");
  // A newer master meanwhile: the batch that was unsure is settled by what it reads.
  Handle second(*place);
  REQUIRE(second.store.Load(2).ok());
  CHECK(first.store.Commit({1, 1}, batch).result == CommitResult::kFenced);
}

TEST_CASE("unsure commit: killed while writing, again and again, every batch lands once",
          "[bbs][store][mariadb]") {
  const auto place = diego::testing::FreshDatabase();
  Handle watcher(*place);
  REQUIRE(watcher.store.Prepare(1).ok());
  Handle master(*place);
  REQUIRE(master.store.Load(1).ok());
  constexpr int kBatches = 60;
  // Kills whatever connection the master has, as fast as it can, until told to stop.
  Worker killer("killer", [&] {
    const int64_t id = OtherConnection(watcher);
    if (id != 0) {
      diego::testing::SharedMariaDb().Administer(absl::StrCat("KILL ", id)).IgnoreError();
    }
    return absl::Milliseconds(2);
  });
  int unsure = 0;
  for (int batch = 1; batch <= kBatches; ++batch) {
    Changes changes;
    for (int i = 0; i < 100; ++i) changes.push_back(Appears(Actual(absl::StrCat("p-", batch), i)));
    CommitReply reply;
    for (int tries = 0; tries < 200; ++tries) {
      reply = master.store.Commit({1, static_cast<uint64_t>(batch)}, changes);
      if (reply.result != CommitResult::kUnknown) break;
      ++unsure;
    }
    INFO("batch " << batch << ": " << reply.detail);
    REQUIRE(reply.result == CommitResult::kCommitted);
  }
  killer.Stop();
  CHECK(watcher.First("SELECT revision FROM leadership") == absl::StrCat(kBatches));
  CHECK(watcher.Count("actual_lrps") == kBatches * 100);
}

TEST_CASE("take office: waits for the batch that is under way", "[bbs][store][mariadb]") {
  const auto place = diego::testing::FreshDatabase();
  Handle first(*place);
  REQUIRE(first.store.Prepare(1).ok());
  REQUIRE(first.store.Load(1).ok());
  Handle second(*place);
  std::atomic<bool> loaded{false};
  std::unique_ptr<Worker> taker;
  // A transaction of the old master that has passed the fence and is not over yet.
  const absl::Status committed =
      first.database->Transact([&](sql::Transaction& tx) -> absl::Status {
        REQUIRE(
            tx.Execute("UPDATE leadership SET batch = 1 WHERE epoch = 1 AND batch = 0").value() ==
            1);
        taker = std::make_unique<Worker>("taker", [&] {
          if (!loaded) loaded = second.store.Load(2).ok();
          return absl::Hours(1);
        });
        Guarded<bool> never;
        never.When([](bool) { return false; }, absl::Milliseconds(200), [](bool, bool) {});
        CHECK_FALSE(loaded);
        return absl::OkStatus();
      });
  CHECK(committed.ok());
  taker->Stop();
  CHECK(loaded);
}

}  // namespace
}  // namespace diego::bbs
