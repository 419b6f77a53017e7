// Our additions beside the original's schema: made where they are missing, whoever had the database
// before, and out of the way of those who do not know them.
#include "services/bbs/store/additions.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Handle;

const Additions& Sample() {
  static const Additions kSample = {
      {{"sample_keys", "name VARCHAR(255) PRIMARY KEY, used_at BIGINT NOT NULL"}},
      {{"desired_lrps", "sample_policy", "TEXT"}, {"tasks", "sample_note", "VARCHAR(255)"}}};
  return kSample;
}

absl::Status Ensure(Handle& handle) { return EnsureAdditions(*handle.database, Sample(), nullptr); }

TEST_CASE("additions: whole tables and nullable columns of the original's tables, nothing else",
          "[bbs][store]") {
  const std::set<std::string> originals = {"configurations", "domains", "desired_lrps",
                                           "actual_lrps",    "tasks",   "bbs_health_check"};
  for (const AddedTable& table : OurAdditions().tables) {
    INFO(table.name);
    CHECK(originals.count(table.name) == 0);
    CHECK_FALSE(table.columns.empty());
  }
  for (const AddedColumn& column : OurAdditions().columns) {
    INFO(column.table << "." << column.name);
    CHECK(originals.count(column.table) == 1);
    const std::string type = absl::AsciiStrToUpper(column.type);
    for (const char* word : {"NULL", "DEFAULT", "KEY", "UNIQUE", "CHECK", "AUTO"}) {
      CHECK_FALSE(absl::StrContains(type, word));
    }
  }
}

TEST_CASE("additions: made once, made again where they are gone, left alone otherwise",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(StatementsToAdd(*handle.database, Sample())->size() == 3);
  REQUIRE(Ensure(handle).ok());
  handle.Run("INSERT INTO sample_keys (name, used_at) VALUES ('a', 1)");
  CHECK(StatementsToAdd(*handle.database, Sample())->empty());
  REQUIRE(Ensure(handle).ok());
  CHECK(handle.Count("sample_keys") == 1);
  // Somebody restored the tasks from elsewhere.
  handle.Run("ALTER TABLE tasks DROP COLUMN sample_note");
  CHECK(StatementsToAdd(*handle.database, Sample())->size() == 1);
  REQUIRE(Ensure(handle).ok());
  CHECK(StatementsToAdd(*handle.database, Sample())->empty());
}

TEST_CASE("additions: stopped before any statement, the next run finishes; dropped likewise",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  const auto after = [](int allowed) {
    return [allowed, asked = 0]() mutable {
      return asked++ < allowed ? absl::OkStatus() : absl::AbortedError("the lock was lost");
    };
  };
  for (int allowed = 0; allowed < 3; ++allowed) {
    CHECK(absl::IsAborted(EnsureAdditions(*handle.database, Sample(), after(allowed ? 1 : 0))));
  }
  REQUIRE(Ensure(handle).ok());
  CHECK(StatementsToDrop(*handle.database, Sample())->size() == 3);
  CHECK(absl::IsAborted(DropAdditions(*handle.database, Sample(), after(1))));
  REQUIRE(DropAdditions(*handle.database, Sample(), nullptr).ok());
  CHECK(StatementsToDrop(*handle.database, Sample())->empty());
  CHECK(StatementsToAdd(*handle.database, Sample())->size() == 3);
}

TEST_CASE("additions: one who does not know them inserts, changes and reads as ever",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(Ensure(handle).ok());
  handle.Run(
      "INSERT INTO tasks (guid, domain, created_at, updated_at, first_completed_at, state, "
      "task_definition) VALUES ('t', 'd', 1, 1, 0, 1, 'x')");
  CHECK(handle.First("SELECT COUNT(*) FROM tasks WHERE sample_note IS NULL") == "1");
  handle.Run("UPDATE tasks SET sample_note = 'ours'");
  handle.Run("UPDATE tasks SET state = 2 WHERE guid = 't'");
  CHECK(handle.First("SELECT sample_note FROM tasks") == "ours");
}

}  // namespace
}  // namespace diego::bbs
