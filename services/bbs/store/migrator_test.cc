// What leads from one version to another, and what a person reads of it.
#include "services/bbs/store/migrator.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Handle;

std::vector<sql::Migration> Versions(std::initializer_list<int64_t> versions) {
  std::vector<sql::Migration> history;
  for (int64_t version : versions) {
    sql::Migration migration;
    migration.version = version;
    history.push_back(migration);
  }
  return history;
}

// "+4 +5", "-5 -4".
std::string Plan(const std::optional<StoredVersion>& stored, int64_t to, bool keeps_halves) {
  const auto history = Versions({1, 2, 3, 4, 5});
  const auto plan = PlanMigrations(history, stored, to, keeps_halves);
  if (!plan.ok()) return "refused";
  std::string text;
  for (const PlannedMigration& planned : *plan) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    planned.direction == sql::Direction::kUp ? "+" : "-",
                    history[planned.place].version);
  }
  return text;
}

TEST_CASE("plan: up, down, and what a dead migrator left half done", "[bbs][store]") {
  struct Case {
    const char* name;
    std::optional<StoredVersion> stored;
    int64_t to;
    const char* mysql;
    const char* sqlite;
  };
  const Case cases[] = {
      {"empty", std::nullopt, 5, "+1 +2 +3 +4 +5", "+1 +2 +3 +4 +5"},
      {"empty to nothing", std::nullopt, 0, "", ""},
      {"up", StoredVersion{3, {}}, 5, "+4 +5", "+4 +5"},
      {"up part of the way", StoredVersion{2, {}}, 4, "+3 +4", "+3 +4"},
      {"there", StoredVersion{5, {}}, 5, "", ""},
      {"down", StoredVersion{5, {}}, 3, "-5 -4", "-5 -4"},
      {"down to nothing", StoredVersion{2, {}}, 0, "-2 -1", "-2 -1"},
      {"from a version nobody knows any more", StoredVersion{3, {}}, 4, "+4", "+4"},
      {"a way up died, on again", StoredVersion{3, 5}, 5, "+4 +5", "+4 +5"},
      {"a way up died, call it off: half of 4 is there", StoredVersion{3, 5}, 3, "-4", ""},
      {"a way up died, further down", StoredVersion{3, 5}, 2, "-4 -3", "-3"},
      {"a way down died, on again: 4 is half undone", StoredVersion{3, 2}, 2, "-4 -3", "-3"},
      {"a way down died at its last step", StoredVersion{3, 3}, 3, "-4", ""},
      {"a way down died, up instead", StoredVersion{3, 2}, 5, "+4 +5", "+4 +5"},
      {"a way down had only been noted", StoredVersion{5, 2}, 5, "", ""},
      {"no such version", StoredVersion{3, {}}, 7, "refused", "refused"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Plan(c.stored, c.to, true) == c.mysql);
    CHECK(Plan(c.stored, c.to, false) == c.sqlite);
  }
}

TEST_CASE("history: every migration says what it does and can be undone", "[bbs][store]") {
  int64_t before = 0;
  for (const sql::Migration& migration : SchemaHistory(nullptr)) {
    INFO(migration.version);
    CHECK(migration.version > before);
    CHECK_FALSE(migration.does.empty());
    CHECK_FALSE(migration.up.empty());
    CHECK_FALSE(migration.down.empty());
    before = migration.version;
  }
  CHECK(SchemaHistory(nullptr).size() == 19);
}

TEST_CASE("plan: a person reads where it stands, each step, and what is lost", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  const RowCodec codec(&handle.keys);
  Migrator migrator(handle.database.get(), &codec, log::Logger::Discard());
  const auto fresh = migrator.Describe(SchemaVersion(), false);
  REQUIRE(fresh.ok());
  CHECK(absl::StartsWith(*fresh,
                         "database: empty, without version\nto:       version 1772581987\n"
                         "1. up 1461790966: makes the tables\n"));
  // It looked only.
  CHECK_FALSE(HasConfigurations(*handle.database).value());

  REQUIRE(handle.store.Prepare(1).ok());
  CHECK(absl::EndsWith(*migrator.Describe(SchemaVersion(), false), "nothing to do\n"));
  const std::string down = *migrator.Describe(1722634733, false);
  INFO(down);
  CHECK(absl::StrContains(down,
                          "down 1772581987: undoes: adds desired_lrps.update_strategy\n"
                          "     LOSES desired_lrps.update_strategy\n"));
  CHECK(absl::StrContains(down, "down 1764949919: undoes: makes bbs_health_check\n"));
  const absl::Status refused = migrator.Describe(4711, false).status();
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(absl::StartsWith(refused.message(),
                         "4711 is not a version of the schema; these are: 0, "
                         "1461790966, "));
}

TEST_CASE("migrations are logged as the original logs them", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.MigrateTo(1722634733).ok());
  std::vector<std::string> lines;
  const log::Logger log(
      {.component = "bbs", .sink = [&](absl::string_view line) { lines.emplace_back(line); }});
  SqlStore store(handle.database.get(), &handle.keys, log);
  REQUIRE(store.Prepare(1).ok());
  const auto count = [&](absl::string_view message) {
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return absl::StrContains(line, absl::StrCat(".migration-manager.", message, "\""));
    });
  };
  CHECK(count("running-migration") > 1);
  CHECK(count("running-migration") == count("completed-migration"));
  CHECK(count("finished-migrations") == 1);
}

TEST_CASE("progress: what those are told who have to wait", "[bbs][store]") {
  CHECK(ToText({3, 5, 1, 2}) == "migrating the database from version 3 to 5 (1 of 2 steps done)");
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  std::vector<std::string> told;
  SqlStore::PrepareOptions options;
  options.progress = [&](const MigrationProgress& progress) { told.push_back(ToText(progress)); };
  REQUIRE(handle.store.Prepare(1, options).ok());
  REQUIRE(told.size() == 19);
  CHECK(told[18] == "migrating the database from version 0 to 1772581987 (18 of 19 steps done)");
  told.clear();
  REQUIRE(handle.store.Prepare(2, options).ok());
  CHECK(told.empty());
}

}  // namespace
}  // namespace diego::bbs
