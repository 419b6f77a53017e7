// Brings a database's schema to the version a program was built for.
//
// A migration is a list of idempotent steps. MySQL commits at every schema statement, so a program
// that dies leaves a half-done migration behind; the next run does the whole migration again and
// its steps must not mind what is done already. On SQLite a migration is one transaction.
// Source: reference/sql-schema.md "Migrations (BBS)"; reference/design-notes.md section 2.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/database.h"

namespace diego::sql {

// One step: a statement for each flavor (empty: nothing to do there), or code that reads and
// rewrites rows. "Is already there" errors of added columns and indexes are no fault.
struct MigrationStep {
  std::string mysql;
  std::string sqlite;
  std::function<absl::Status(Transaction&)> rewrite;

  static MigrationStep Both(std::string statement) { return {statement, statement, nullptr}; }
  static MigrationStep MysqlOnly(std::string statement) { return {std::move(statement), "", {}}; }
  static MigrationStep SqliteOnly(std::string statement) { return {"", std::move(statement), {}}; }
  static MigrationStep Rewrite(std::function<absl::Status(Transaction&)> rewrite) {
    return {"", "", std::move(rewrite)};
  }
};

struct Migration {
  int64_t version = 0;
  std::vector<MigrationStep> steps;
};

// Where the version is kept. Absent in a MigrationPlan: every migration runs at every start.
struct VersionRecord {
  std::function<absl::StatusOr<int64_t>(Transaction&)> read;
  // Called in the transaction that ends the migration.
  std::function<absl::Status(Transaction&, int64_t)> write;
};

struct MigrationPlan {
  std::vector<Migration> migrations;  // ascending versions
  std::optional<VersionRecord> version;
  // Asked before every step; not OK ends the run with that status (the lock was lost, say).
  std::function<absl::Status()> may_go_on;
};

// Runs what is newer than the stored version, in order. Safe to run again after any failure or
// death. Errors name the migration and the statement.
absl::Status Migrate(Database& database, const MigrationPlan& plan);

// True when `table` has `column`: for rewrite steps that copy between columns.
absl::StatusOr<bool> HasColumn(Transaction& tx, absl::string_view table, absl::string_view column);

}  // namespace diego::sql
