// Databases for test suites that run over both drivers.
#pragma once

#include <memory>
#include <string>

#include "libs/sql/database.h"
#include "libs/testing/mariadb.h"

namespace diego::testing {

// A fresh, empty database, and as many handles on it as a test wants.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  // Options that open it; tests may narrow the time-outs.
  virtual sql::DatabaseOptions options() const = 0;
  // The same, opened; aborts on failure.
  std::unique_ptr<sql::Database> Open() const;
};

// On the store that DIEGO_TEST_STORE names, "sqlite" (default) or "mariadb": of one test binary
// CTest makes a test for each. Cases that are about one of them have its name as a tag, and the
// other leaves them out.
std::unique_ptr<TestDatabase> FreshDatabase();
std::unique_ptr<TestDatabase> FreshSqlite();
// On the one MariaDB server of this test binary, which starts at the first call and stops when the
// binary ends.
std::unique_ptr<TestDatabase> FreshMariaDb();
MariaDb& SharedMariaDb();

}  // namespace diego::testing
