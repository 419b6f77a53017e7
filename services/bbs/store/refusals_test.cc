// Rows that the database itself refuses: which, why, and that nothing of their batch lands.
#include <catch2/catch.hpp>
#include <string>

#include "libs/models/error.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Actual;
using testing::Appears;
using testing::Handle;
using testing::Job;

TEST_CASE("refused rows: a table is gone, which nothing here mends", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  handle.Run("DROP TABLE tasks");
  const CommitReply refused = handle.store.Commit(
      {1, 1}, {Appears(Actual("web", 0)), Appears(Job("t")), Appears(Actual("web", 1))});
  CHECK(refused.result == CommitResult::kRejected);
  CHECK(IsDiegoError(refused.detail, ErrorType::kUnrecoverable));
  CHECK(refused.rejected_change == 1);
  CHECK(handle.Count("actual_lrps") == 0);
  CHECK(handle.First("SELECT batch FROM leadership") == "0");
}

TEST_CASE("refused rows: a value that is too wide for its column", "[bbs][store][mariadb]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  const CommitReply refused =
      handle.store.Commit({1, 1}, {Appears(Job("t")), Appears(Actual(std::string(300, 'a'), 0))});
  CHECK(refused.result == CommitResult::kRejected);
  CHECK(IsDiegoError(refused.detail, ErrorType::kInvalidRequest));
  CHECK(refused.rejected_change == 1);
  CHECK(handle.Count("tasks") == 0);
  CHECK(handle.store.Commit({1, 1}, {Appears(Job("t"))}).result == CommitResult::kCommitted);
}

}  // namespace
}  // namespace diego::bbs
