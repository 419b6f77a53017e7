// Takes a database's schema from one version to the next, or back.
//
// A migration is two lists of idempotent steps. MySQL commits at every schema statement, so a
// program that dies leaves a half-done migration behind; the next run does the whole of it again,
// in the same direction or the other, and its steps must not mind what is done already. On SQLite a
// migration is one transaction. Source: reference/design-notes.md section 2.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/sql/database.h"

namespace diego::sql {

// Asked now and then; what is not OK ends the work with that status (the lock was lost, say).
using MayGoOn = std::function<absl::Status()>;

// One step: a statement for each flavor (empty: nothing to do there), or code that reads and
// rewrites rows. Errors that say that a column, an index or a table is there already, or on the way
// back is not there any more, are no fault.
struct MigrationStep {
  std::string mysql;
  std::string sqlite;
  std::function<absl::Status(Transaction&, const MayGoOn&)> rewrite;

  static MigrationStep Both(std::string statement) { return {statement, statement, nullptr}; }
  static MigrationStep MysqlOnly(std::string statement) { return {std::move(statement), "", {}}; }
  static MigrationStep SqliteOnly(std::string statement) { return {"", std::move(statement), {}}; }
  static MigrationStep Rewrite(std::function<absl::Status(Transaction&, const MayGoOn&)> rewrite) {
    return {"", "", std::move(rewrite)};
  }
};
using MigrationSteps = std::vector<MigrationStep>;

struct Migration {
  int64_t version = 0;
  std::string does;  // for a person, in a few words
  MigrationSteps up;
  MigrationSteps down;  // to the version before
  std::string loses;    // what the way down loses; empty: nothing
};

enum class Direction { kUp, kDown };
absl::string_view DirectionName(Direction direction);  // "up", "down"

struct MigrationHooks {
  // In the migration's transaction, before its first and after its last step; may be empty.
  std::function<absl::Status(Transaction&)> before;
  std::function<absl::Status(Transaction&)> after;
  // In the transaction, before every step; may be empty.
  std::function<absl::Status(Transaction&)> before_step;
  // Outside it, by steps that take long; may be empty.
  MayGoOn may_go_on;
};

// Runs the whole migration. Safe to run again after any failure or death. Errors name the migration
// and the statement.
absl::Status RunMigration(Database& database, const Migration& migration, Direction direction,
                          const MigrationHooks& hooks);

}  // namespace diego::sql
