#include "services/bbs/store/quarantine.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/log/log.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Actual;
using testing::Appears;
using testing::Desired;
using testing::Handle;
using testing::Job;

std::vector<QuarantinedCopy> Copies(Handle& handle) {
  std::vector<QuarantinedCopy> copies;
  const absl::Status read = ReadQuarantine(*handle.database, [&](const QuarantinedCopy& copy) {
    copies.push_back(copy);
    return absl::OkStatus();
  });
  INFO(read);
  REQUIRE(read.ok());
  return copies;
}

std::vector<std::string> Names(Handle& handle) {
  std::vector<std::string> names;
  for (const QuarantinedCopy& copy : Copies(handle)) {
    names.push_back(absl::StrCat(copy.table, " ", copy.key));
  }
  return names;
}

void Fill(Handle& handle) {
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(handle.store
              .Commit({1, 1},
                      {Appears(Desired("web")), Appears(Desired("api")), Appears(Actual("web", 0)),
                       Appears(Actual("web", 1)), Appears(Job("job")), Appears(Job("other"))})
              .result == CommitResult::kCommitted);
}

TEST_CASE("quarantine: rows of every table that cannot be read are copied, once", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  Fill(handle);
  CHECK(Copies(handle).empty());
  handle.Run("UPDATE desired_lrps SET run_info = '02AAAA' WHERE process_guid = 'web'");
  handle.Run("UPDATE actual_lrps SET net_info = '00!' WHERE instance_index = 1");
  handle.Run("UPDATE tasks SET task_definition = '00{}' WHERE guid = 'job'");
  REQUIRE(handle.store.Load(2).ok());
  REQUIRE(handle.store.Load(3).ok());
  const auto copies = Copies(handle);
  CHECK(Names(handle) ==
        std::vector<std::string>{"actual_lrps web/1/0", "desired_lrps web", "tasks job"});
  CHECK(absl::StrContains(copies[2].reason, "Unknown encoding: 00"));
  CHECK(absl::StrContains(copies[2].content, R"("task_definition":"00{}")"));
  CHECK(absl::StrContains(copies[2].content, R"("cell_id":"cell-1")"));
  CHECK(copies[2].found_at > absl::FromUnixSeconds(1700000000));
  CHECK(handle.Count("tasks") == 2);
}

TEST_CASE("quarantine: each load names every row that cannot be read in the log", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  Fill(handle);
  std::vector<std::string> lines;
  log::Options options;
  options.component = "bbs";
  options.sink = [&](absl::string_view line) {
    if (absl::StrContains(line, "store.row-quarantined\"")) lines.emplace_back(line);
  };
  SqlStore store(handle.database.get(), &handle.keys, log::Logger(options));
  REQUIRE(store.Load(2).ok());
  CHECK(lines.empty());
  handle.Run("UPDATE desired_lrps SET run_info = '02AAAA' WHERE process_guid = 'web'");
  handle.Run("UPDATE actual_lrps SET net_info = '00!' WHERE instance_index = 1");
  for (uint64_t epoch : {3, 4}) {
    lines.clear();
    REQUIRE(store.Load(epoch).ok());
    REQUIRE(lines.size() == 2);
    CHECK(absl::StrContains(lines[0], R"("table":"desired_lrps")"));
    CHECK(absl::StrContains(lines[0], R"("key":"web")"));
    CHECK(absl::StrContains(lines[0], R"("salvaged":false)"));
    CHECK(absl::StrContains(lines[1], R"("key":"web/1/0")"));
    CHECK(absl::StrContains(lines[1], R"("salvaged":true)"));
    CHECK(absl::StrContains(lines[1], R"("log_level":2)"));
    CHECK(absl::StrContains(lines[1], R"("error":)"));
  }
}

TEST_CASE("quarantine: the copy outlives its row, and another content is another copy",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  Fill(handle);
  handle.Run("UPDATE tasks SET task_definition = '00{}' WHERE guid = 'job'");
  REQUIRE(handle.store.Load(2).ok());
  REQUIRE(handle.store.Commit({2, 1}, {Appears(Job("job"))}).result == CommitResult::kCommitted);
  REQUIRE(handle.store.Load(3).ok());
  CHECK(handle.store.quarantined().empty());
  CHECK(Copies(handle).size() == 1);
  handle.Run("UPDATE tasks SET task_definition = '01{}' WHERE guid = 'job'");
  REQUIRE(handle.store.Load(4).ok());
  CHECK(Copies(handle).size() == 2);
  CHECK(DropFromQuarantine(*handle.database, "tasks", "nobody").value() == 0);
  CHECK(DropFromQuarantine(*handle.database, "tasks", "job").value() == 2);
  CHECK(Copies(handle).empty());
  CHECK(handle.Count("tasks") == 2);
}

TEST_CASE("quarantine: who lost office copies nothing; a database of the original has none",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  CHECK(Copies(handle).empty());
  Fill(handle);
  const std::vector<QuarantinedRow> rows = {
      {"tasks", "job", absl::DataLossError("as the test wants it"), false, "{}"}};
  CHECK(absl::IsAborted(CopyToQuarantine(*handle.database, 9, rows, absl::UnixEpoch())));
  CHECK(Copies(handle).empty());
  REQUIRE(CopyToQuarantine(*handle.database, 1, rows, absl::UnixEpoch()).ok());
  CHECK(Copies(handle).size() == 1);
}

}  // namespace
}  // namespace diego::bbs
