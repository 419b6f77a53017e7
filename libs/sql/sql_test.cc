// One suite over both drivers: `sql_test` runs it on SQLite, `sql_test_mariadb` on a real MariaDB.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/sql/batch.h"
#include "libs/sql/database.h"
#include "libs/sql/migrations.h"
#include "libs/sync/worker.h"
#include "libs/testing/test_databases.h"

namespace diego::sql {
namespace {

const TableShape kPairs = {"pairs", {"k1", "k2", "number", "text"}, 2};

void MakePairs(Database& database) {
  REQUIRE(database
              .ExecuteSchema(absl::StrCat("CREATE TABLE pairs (k1 VARCHAR(255), k2 INT, "
                                          "number BIGINT, text VARCHAR(1024), bytes BLOB, "
                                          "PRIMARY KEY (k1, k2))",
                                          database.dialect().TableOptions()))
              .ok());
}

int64_t Count(Database& database, absl::string_view query = "SELECT COUNT(*) FROM pairs") {
  int64_t count = -1;
  const absl::Status read = database.Read([&](Transaction& tx) {
    return tx.Query(query, {}, [&](const Row& row) {
      count = row.Int64(0);
      return absl::OkStatus();
    });
  });
  INFO(read);
  REQUIRE(read.ok());
  return count;
}

absl::Status Run(Database& database, absl::string_view statement, const Values& values = {}) {
  return database.Transact([&](Transaction& tx) { return tx.Execute(statement, values).status(); });
}

TEST_CASE("a transaction: values of every kind come back as they went", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  const std::string text = "Grüße 😀 'quoted' \\ %";
  const std::string bytes("\x00\xff\xfe'\\", 5);
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2, number, text, bytes) VALUES (?, ?, ?, ?, ?)",
              {"a", int64_t{-1}, int64_t{9223372036854775807}, text, Blob{bytes}})
              .ok());
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2, number, text, bytes) VALUES (?, ?, ?, ?, ?)",
              {"b", int64_t{2}, Null{}, "", Null{}})
              .ok());
  int rows = 0;
  const auto visit = [&](const Row& row) {
    const bool first = rows++ == 0;
    CHECK(row.Text(0) == (first ? "a" : "b"));
    CHECK(row.Int64(1) == (first ? -1 : 2));
    CHECK(row.IsNull(2) == !first);
    CHECK(row.Int64(2) == (first ? 9223372036854775807 : 0));
    CHECK(row.Text(3) == (first ? text : ""));
    CHECK_FALSE(row.IsNull(3));
    CHECK(row.IsNull(4) == !first);
    CHECK(row.Text(4) == (first ? bytes : ""));
    return absl::OkStatus();
  };
  REQUIRE(database
              ->Read([&](Transaction& tx) {
                return tx.Query("SELECT k1, k2, number, text, bytes FROM pairs ORDER BY k1", {},
                                visit);
              })
              .ok());
  CHECK(rows == 2);
}

TEST_CASE("a transaction: large texts come back whole", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  const absl::string_view type = database->flavor() == Flavor::kMysql ? "LONGTEXT" : "TEXT";
  REQUIRE(
      database->ExecuteSchema(absl::StrCat("CREATE TABLE large (id INT, text ", type, ")")).ok());
  const std::string large(2'500'000, 'x');
  REQUIRE(Run(*database, "INSERT INTO large VALUES (1, ?)", {large}).ok());
  REQUIRE(database
              ->Read([&](Transaction& tx) {
                return tx.Query("SELECT text FROM large", {}, [&](const Row& row) {
                  CHECK(row.Text(0) == large);
                  return absl::OkStatus();
                });
              })
              .ok());
}

TEST_CASE("a transaction: what fails is rolled back whole", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  const absl::Status failed = database->Transact([&](Transaction& tx) -> absl::Status {
    REQUIRE(tx.Execute("INSERT INTO pairs (k1, k2) VALUES ('a', 1)").ok());
    return absl::AbortedError("no further");
  });
  CHECK(failed.message() == "no further");
  CHECK(Count(*database) == 0);
}

TEST_CASE("execute: counts the rows matched, also when nothing changes", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2, number) VALUES ('a', 1, 5)").ok());
  REQUIRE(database
              ->Transact([&](Transaction& tx) -> absl::Status {
                CHECK(tx.Execute("UPDATE pairs SET number = 5 WHERE k1 = ?", {"a"}).value() == 1);
                CHECK(tx.Execute("UPDATE pairs SET number = 6 WHERE k1 = ?", {"b"}).value() == 0);
                CHECK(tx.Execute("DELETE FROM pairs WHERE k1 = ?", {"a"}).value() == 1);
                return absl::OkStatus();
              })
              .ok());
}

TEST_CASE("errors: each kind carries its Diego type", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2) VALUES ('a', 1)").ok());

  const absl::Status duplicate = Run(*database, "INSERT INTO pairs (k1, k2) VALUES ('a', 1)");
  CHECK(KindOf(duplicate) == ErrorKind::kDuplicate);
  CHECK(IsDiegoError(duplicate, ErrorType::kResourceExists));

  const absl::Status missing = Run(*database, "INSERT INTO nowhere (k1) VALUES ('a')");
  CHECK(KindOf(missing) == ErrorKind::kTableMissing);
  CHECK(IsDiegoError(missing, ErrorType::kUnrecoverable));

  const absl::Status other = Run(*database, "NONSENSE");
  CHECK(KindOf(other) == ErrorKind::kOther);
  CHECK(IsDiegoError(other, ErrorType::kUnknownError));
  CHECK(absl::StartsWith(other.message(), "sql-unknown, error code: "));

  const absl::Status again = database->ExecuteSchema("ALTER TABLE pairs ADD COLUMN text INT");
  CHECK(KindOf(again) == ErrorKind::kAlreadyThere);
  if (database->flavor() == Flavor::kMysql) {
    const absl::Status wide =
        Run(*database, "INSERT INTO pairs (k1, k2) VALUES (?, 1)", {std::string(256, 'x')});
    CHECK(KindOf(wide) == ErrorKind::kTooLong);
    CHECK(IsDiegoError(wide, ErrorType::kInvalidRequest));
  }
  CHECK(KindOf(absl::InternalError("ours")) == ErrorKind::kNone);
}

TEST_CASE("upsert and delete: any number of rows, the same key twice in turn", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  const size_t count = GENERATE(0, 1, 2, 63, 64, 65, 200);
  for (int64_t round : {1, 2}) {
    std::vector<Values> rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back({absl::StrCat("key-", i / 3), static_cast<int64_t>(i % 3), round,
                      round == 1 ? Value(Null{}) : Value("second")});
    }
    const absl::Status stored =
        database->Transact([&](Transaction& tx) { return UpsertRows(tx, kPairs, rows); });
    INFO(stored);
    REQUIRE(stored.ok());
    CHECK(Count(*database) == static_cast<int64_t>(count));
  }
  CHECK(Count(*database, "SELECT COUNT(*) FROM pairs WHERE number = 2 AND text = 'second'") ==
        static_cast<int64_t>(count));
  std::vector<Values> keys;
  for (size_t i = 1; i < count; ++i) {
    keys.push_back({absl::StrCat("key-", i / 3), static_cast<int64_t>(i % 3)});
  }
  keys.push_back({"not there", int64_t{0}});
  REQUIRE(database->Transact([&](Transaction& tx) { return DeleteRows(tx, kPairs, keys); }).ok());
  CHECK(Count(*database) == (count == 0 ? 0 : 1));
}

TEST_CASE("upsert: rows too large for one statement are split", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  const absl::string_view type = database->flavor() == Flavor::kMysql ? "LONGTEXT" : "TEXT";
  REQUIRE(
      database
          ->ExecuteSchema(absl::StrCat("CREATE TABLE large (id INT PRIMARY KEY, text ", type, ")"))
          .ok());
  std::vector<Values> rows;
  for (int64_t i = 0; i < 12; ++i) rows.push_back({i, std::string(3'000'000, 'x')});
  const TableShape large = {"large", {"id", "text"}, 1};
  REQUIRE(database->Transact([&](Transaction& tx) { return UpsertRows(tx, large, rows); }).ok());
  CHECK(Count(*database, "SELECT COUNT(*) FROM large") == 12);
}

TEST_CASE("insert if absent: leaves a row that is there", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  const std::string insert = database->dialect().InsertIfAbsent(kPairs);
  REQUIRE(Run(*database, insert, {"a", int64_t{1}, int64_t{1}, Null{}}).ok());
  REQUIRE(Run(*database, insert, {"a", int64_t{1}, int64_t{2}, Null{}}).ok());
  CHECK(Count(*database, "SELECT number FROM pairs") == 1);
}

TEST_CASE("keys compare byte by byte", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2) VALUES ('Web', 1), ('web', 1)").ok());
  CHECK(Count(*database) == 2);
}

TEST_CASE("transact: tried again on a deadlock, up to three times, and never on other errors",
          "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  int tries = 0;
  const auto failing = [&](ErrorKind kind, int until) {
    tries = 0;
    return database->Transact([&, kind, until](Transaction&) {
      return ++tries < until ? MakeError(kind, 1, "test", "made up") : absl::OkStatus();
    });
  };
  CHECK(failing(ErrorKind::kDeadlock, 3).ok());
  CHECK(tries == 3);
  CHECK(KindOf(failing(ErrorKind::kConnectionLost, 9)) == ErrorKind::kConnectionLost);
  CHECK(tries == 3);
  CHECK(KindOf(failing(ErrorKind::kDuplicate, 9)) == ErrorKind::kDuplicate);
  CHECK(tries == 1);
}

TEST_CASE("writers exclude each other: increments from two connections are not lost", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  MakePairs(*database);
  REQUIRE(Run(*database, "INSERT INTO pairs (k1, k2, number) VALUES ('a', 1, 0)").ok());
  constexpr int kEach = 20;
  std::atomic<int> done{0};
  const auto increment = [&, left = kEach]() mutable {
    if (left == 0) return absl::Hours(1);
    --left;
    const absl::Status status = database->Transact([](Transaction& tx) -> absl::Status {
      int64_t number = 0;
      const std::string query =
          absl::StrCat("SELECT number FROM pairs WHERE k1 = 'a'", tx.dialect().ForUpdate());
      absl::Status read = tx.Query(query, {}, [&](const Row& row) {
        number = row.Int64(0);
        return absl::OkStatus();
      });
      if (!read.ok()) return read;
      return tx.Execute("UPDATE pairs SET number = ? WHERE k1 = 'a'", {number + 1}).status();
    });
    if (status.ok()) ++done;
    return absl::ZeroDuration();
  };
  {
    Guarded<bool> never;
    Worker one("one", increment);
    Worker two("two", increment);
    for (int i = 0; i < 2000 && done < 2 * kEach; ++i) {
      never.When([](bool) { return false; }, absl::Milliseconds(10), [](bool, bool) {});
    }
  }
  CHECK(done == 2 * kEach);
  CHECK(Count(*database, "SELECT number FROM pairs") == 2 * kEach);
}

TEST_CASE("the pool: is bounded and says so", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  DatabaseOptions options = place->options();
  options.max_open_connections = 1;
  options.connect_timeout = absl::Milliseconds(20);
  if (options.driver == "mysql") options.connect_timeout = absl::Seconds(1);
  const auto database = *Database::Open(options);
  const absl::Status inner = database->Read([&](Transaction&) { return database->Ping(); });
  CHECK(absl::IsResourceExhausted(inner));
  CHECK(database->Ping().ok());
}

// Two columns and a row on the way up; back without them.
Migration Sample() {
  Migration migration;
  migration.version = 20;
  migration.up = {MigrationStep::Both("CREATE TABLE IF NOT EXISTS things (id INT PRIMARY KEY)"),
                  MigrationStep::Both("ALTER TABLE things ADD COLUMN colour INT"),
                  MigrationStep::Rewrite([](Transaction& tx, const MayGoOn&) {
                    return tx.Execute("INSERT INTO things (id, colour) VALUES (1, 3)").status();
                  }),
                  MigrationStep::Rewrite([](Transaction& tx, const MayGoOn&) {
                    return tx.Execute("UPDATE things SET colour = 4").status();
                  })};
  migration.down = {
      MigrationStep::Both("DELETE FROM things WHERE colour = 4"),
      MigrationStep::Both("ALTER TABLE things DROP COLUMN colour"),
  };
  return migration;
}

MigrationHooks Counting(std::vector<std::string>* seen, int steps_allowed = 1000) {
  MigrationHooks hooks;
  hooks.before = [=](Transaction&) {
    seen->push_back("before");
    return absl::OkStatus();
  };
  hooks.after = [=](Transaction&) {
    seen->push_back("after");
    return absl::OkStatus();
  };
  hooks.before_step = [=](Transaction&) {
    if (seen->size() > static_cast<size_t>(steps_allowed)) {
      return absl::CancelledError("lock lost");
    }
    seen->push_back("step");
    return absl::OkStatus();
  };
  return hooks;
}

TEST_CASE("migration: up and down, each with its hooks around it", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  std::vector<std::string> seen;
  const absl::Status up = RunMigration(*database, Sample(), Direction::kUp, Counting(&seen));
  INFO(up);
  REQUIRE(up.ok());
  CHECK(seen == std::vector<std::string>{"before", "step", "step", "step", "step", "after"});
  CHECK(Count(*database, "SELECT colour FROM things WHERE id = 1") == 4);
  seen.clear();
  REQUIRE(RunMigration(*database, Sample(), Direction::kDown, Counting(&seen)).ok());
  CHECK(seen == std::vector<std::string>{"before", "step", "step", "after"});
  CHECK(Count(*database, "SELECT COUNT(*) FROM things") == 0);
  // Once more minds nothing: neither the column that is gone.
  CHECK(RunMigration(*database, Sample(), Direction::kDown, {}).ok());
  CHECK(RunMigration(*database, Sample(), Direction::kUp, {}).ok());
}

TEST_CASE("migration: stopped before any step, the next run finishes", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  std::vector<std::string> seen;
  const int steps_before_stop = GENERATE(0, 1, 2, 3);
  const absl::Status stopped =
      RunMigration(*database, Sample(), Direction::kUp, Counting(&seen, steps_before_stop));
  CHECK(absl::IsCancelled(stopped));
  const absl::Status migrated = RunMigration(*database, Sample(), Direction::kUp, {});
  INFO(migrated);
  REQUIRE(migrated.ok());
  CHECK(Count(*database, "SELECT COUNT(*) FROM things WHERE colour = 4") == 1);
}

TEST_CASE("migration: an error names migration and statement", "[sql]") {
  const auto place = diego::testing::FreshDatabase();
  const auto database = place->Open();
  Migration migration;
  migration.version = 7;
  migration.up = {MigrationStep::Both("ALTER TABLE nowhere ADD COLUMN x INT")};
  const absl::Status failed = RunMigration(*database, migration, Direction::kUp, {});
  CHECK(absl::StartsWith(failed.message(), "migration 7 up: ALTER TABLE nowhere"));
}

}  // namespace
}  // namespace diego::sql
