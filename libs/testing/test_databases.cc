#include "libs/testing/test_databases.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/random.h"

namespace diego::testing {
namespace {

class SqliteFile final : public TestDatabase {
 public:
  SqliteFile() {
    // In memory where there is room: tests commit often, and none cuts the power.
    constexpr uintmax_t kRoomBytes = uintmax_t{1} << 28;
    std::error_code error;
    const auto memory = std::filesystem::space("/dev/shm", error);
    const bool in_memory = !error && memory.available > kRoomBytes;
    directory_ = in_memory ? "/dev/shm/diego-sqlite-XXXXXX" : "/tmp/diego-sqlite-XXXXXX";
    DIEGO_CHECK(mkdtemp(directory_.data()) != nullptr);
  }
  ~SqliteFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  sql::DatabaseOptions options() const override {
    sql::DatabaseOptions options;
    options.driver = "sqlite";
    options.connection_string = absl::StrCat(directory_, "/test.db");
    options.retry_pause = absl::Milliseconds(5);
    return options;
  }

 private:
  std::string directory_;
};

class MariaDbDatabase final : public TestDatabase {
 public:
  MariaDbDatabase() : name_(absl::StrCat("test_", EntropySeed())) {
    const absl::Status made = SharedMariaDb().CreateDatabase(name_);
    DIEGO_CHECK(made.ok()) << made.ToString();
  }
  ~MariaDbDatabase() override {
    SharedMariaDb().Administer(absl::StrCat("DROP DATABASE ", name_)).IgnoreError();
  }
  sql::DatabaseOptions options() const override {
    sql::DatabaseOptions options;
    options.driver = "mysql";
    options.connection_string = SharedMariaDb().ConnectionString(name_);
    options.retry_pause = absl::Milliseconds(5);
    return options;
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<sql::Database> TestDatabase::Open() const {
  auto database = sql::Database::Open(options());
  DIEGO_CHECK(database.ok()) << database.status().ToString();
  return *std::move(database);
}

std::unique_ptr<TestDatabase> FreshDatabase() {
  const char* variable = std::getenv("DIEGO_TEST_STORE");
  const absl::string_view store = variable == nullptr ? "sqlite" : variable;
  DIEGO_CHECK(store == "sqlite" || store == "mariadb") << "DIEGO_TEST_STORE: " << store;
  return store == "mariadb" ? FreshMariaDb() : FreshSqlite();
}

std::unique_ptr<TestDatabase> FreshSqlite() { return std::make_unique<SqliteFile>(); }

std::unique_ptr<TestDatabase> FreshMariaDb() { return std::make_unique<MariaDbDatabase>(); }

MariaDb& SharedMariaDb() {
  static const std::unique_ptr<MariaDb> kServer = [] {
    MariaDbOptions options;
    options.durable = false;
    auto started = MariaDb::Start(std::move(options));
    DIEGO_CHECK(started.ok()) << started.status().ToString();
    return *std::move(started);
  }();
  return *kServer;
}

}  // namespace diego::testing
