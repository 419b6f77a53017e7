// What only a server can do to us: connections killed, the server gone and back.
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/sql/database.h"
#include "libs/testing/test_databases.h"

namespace diego::sql {
namespace {

int64_t ConnectionId(Transaction& tx) {
  int64_t id = 0;
  REQUIRE(tx.Query("SELECT CONNECTION_ID()", {}, [&](const Row& row) {
              id = row.Int64(0);
              return absl::OkStatus();
            }).ok());
  return id;
}

TEST_CASE("mariadb: a connection killed inside a transaction is replaced, the work runs again",
          "[sql][mariadb]") {
  const auto place = testing::FreshMariaDb();
  const auto database = place->Open();
  REQUIRE(database->ExecuteSchema("CREATE TABLE t (id INT PRIMARY KEY)").ok());
  int tries = 0;
  const absl::Status status = database->Transact([&](Transaction& tx) -> absl::Status {
    absl::Status inserted = tx.Execute("INSERT INTO t VALUES (1)").status();
    if (++tries == 1) {
      REQUIRE(testing::SharedMariaDb().Administer(absl::StrCat("KILL ", ConnectionId(tx))).ok());
    }
    return inserted.ok() ? tx.Execute("INSERT INTO t VALUES (2)").status() : inserted;
  });
  INFO(status);
  CHECK(status.ok());
  CHECK(tries == 2);
}

TEST_CASE("mariadb: killed before the commit, the ending is unknown", "[sql][mariadb]") {
  const auto place = testing::FreshMariaDb();
  const auto database = place->Open();
  const TransactionReport report = database->TransactOnce([&](Transaction& tx) {
    return testing::SharedMariaDb().Administer(absl::StrCat("KILL ", ConnectionId(tx)));
  });
  CHECK(report.ending == Ending::kUnknown);
  CHECK(KindOf(report.status) == ErrorKind::kConnectionLost);
}

TEST_CASE("mariadb: a server that dies and comes back is found again", "[sql][mariadb]") {
  auto server = testing::MariaDb::Start();
  INFO(server.status());
  REQUIRE(server.ok());
  REQUIRE((*server)->CreateDatabase("d").ok());
  DatabaseOptions options;
  options.driver = "mysql";
  options.connection_string = (*server)->ConnectionString("d");
  options.retry_pause = absl::Milliseconds(5);
  const auto database = *Database::Open(options);
  REQUIRE(database->Ping().ok());
  REQUIRE((*server)->Kill().ok());
  CHECK(KindOf(database->Ping()) == ErrorKind::kConnectionLost);
  REQUIRE((*server)->Restart().ok());
  CHECK(database->Ping().ok());
}

TEST_CASE("mariadb: a wrong password is refused without showing it", "[sql][mariadb]") {
  const auto place = testing::FreshMariaDb();
  DatabaseOptions options = place->options();
  options.connection_string =
      absl::StrCat("diego:topsecret@tcp(127.0.0.1:", testing::SharedMariaDb().port(), ")/mysql");
  const absl::Status ping = (*Database::Open(options))->Ping();
  CHECK_FALSE(ping.ok());
  CHECK_THAT(std::string(ping.message()), !Catch::Contains("topsecret"));
}

}  // namespace
}  // namespace diego::sql
