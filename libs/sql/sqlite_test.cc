#include <catch2/catch.hpp>

#include "libs/sql/database.h"
#include "libs/testing/test_databases.h"

namespace diego::sql {
namespace {

TEST_CASE("sqlite: commits are durable: write-ahead log, every commit synced", "[sql][sqlite]") {
  const auto place = testing::FreshSqlite();
  const auto database = place->Open();
  std::string journal;
  int64_t synchronous = -1;
  REQUIRE(database
              ->Read([&](Transaction& tx) -> absl::Status {
                absl::Status status = tx.Query("PRAGMA journal_mode", {}, [&](const Row& row) {
                  journal = row.Text(0);
                  return absl::OkStatus();
                });
                if (!status.ok()) return status;
                return tx.Query("PRAGMA synchronous", {}, [&](const Row& row) {
                  synchronous = row.Int64(0);
                  return absl::OkStatus();
                });
              })
              .ok());
  CHECK(journal == "wal");
  CHECK(synchronous == 2);
}

TEST_CASE("sqlite: a path that cannot be opened is a lost connection", "[sql][sqlite]") {
  DatabaseOptions options;
  options.driver = "sqlite";
  options.connection_string = "/nonexistent/directory/x.db";
  options.retry_pause = absl::ZeroDuration();
  const absl::Status ping = (*Database::Open(options))->Ping();
  CHECK(KindOf(ping) == ErrorKind::kConnectionLost);
  CHECK(absl::IsUnavailable(ping));
}

TEST_CASE("open: options at fault are named", "[sql][sqlite]") {
  const auto message = [](const char* driver, const char* connection_string) {
    DatabaseOptions options;
    options.driver = driver;
    options.connection_string = connection_string;
    return std::string(Database::Open(std::move(options)).status().message());
  };
  CHECK_THAT(message("postgres", "x"), Catch::Contains("database driver: \"postgres\""));
  CHECK_THAT(message("sqlite", ""), Catch::Contains("connection string: is empty"));
  CHECK_THAT(message("mysql", "u:secret@tcp(h:x)/d"), Catch::Contains("port"));
  CHECK_THAT(message("mysql", "u:secret@tcp(h:x)/d"), !Catch::Contains("secret"));
}

TEST_CASE("mysql address: the forms of the go driver", "[sql][sqlite]") {
  const auto tcp = ParseMysqlAddress("me:p@ss:w/rd@tcp(db.example:3307)/diego?parseTime=true");
  REQUIRE(tcp.ok());
  CHECK(tcp->user == "me");
  CHECK(tcp->password == "p@ss:w/rd");
  CHECK(tcp->host == "db.example");
  CHECK(tcp->port == 3307);
  CHECK(tcp->database == "diego");
  CHECK(ParseMysqlAddress("me@tcp([::1]:3307)/diego")->host == "::1");
  CHECK(ParseMysqlAddress("me@tcp(host)/diego")->port == 3306);
  for (const char* here : {"me:p@/diego", "me:p@tcp/diego?tls=true"}) {
    CHECK(ParseMysqlAddress(here)->host == "127.0.0.1");
    CHECK(ParseMysqlAddress(here)->port == 3306);
  }
  CHECK(ParseMysqlAddress("me@unix(/run/mysqld.sock)/diego")->socket == "/run/mysqld.sock");
  for (const char* nobody : {"tcp(h:1)/d", "@tcp(h:1)/d"}) {
    INFO(nobody);
    const auto address = ParseMysqlAddress(nobody);
    REQUIRE(address.ok());
    CHECK(address->user.empty());
    CHECK(address->host == "h");
  }
  for (const char* bad : {"", "nonsense", "h:1/d", "me@tcp(h:1)", "me@udp(h:1)/d", "me@tcp()/d",
                          "me@tcp(h/d", "me@unix/d", "me@tcp(h:99999)/d", "me@tcp(h:1)/"}) {
    INFO(bad);
    CHECK_FALSE(ParseMysqlAddress(bad).ok());
  }
}

}  // namespace
}  // namespace diego::sql
