#include "libs/sql/migrations.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::sql {
namespace {

const std::string& StatementFor(const MigrationStep& step, Flavor flavor) {
  return flavor == Flavor::kMysql ? step.mysql : step.sqlite;
}

bool IsDoneAlready(const absl::Status& status, Direction direction) {
  const ErrorKind kind = KindOf(status);
  if (kind == ErrorKind::kAlreadyThere) return true;
  return direction == Direction::kDown &&
         (kind == ErrorKind::kNotThere || kind == ErrorKind::kTableMissing);
}

absl::Status RunStep(Transaction& tx, const MigrationStep& step, Direction direction,
                     const MayGoOn& may_go_on) {
  if (step.rewrite) {
    const absl::Status rewritten = step.rewrite(tx, may_go_on);
    return IsDoneAlready(rewritten, direction) ? absl::OkStatus() : rewritten;
  }
  const std::string& statement = StatementFor(step, tx.dialect().flavor());
  if (statement.empty()) return absl::OkStatus();
  const absl::Status done = tx.ExecuteOnce(statement);
  if (!done.ok() && !IsDoneAlready(done, direction)) return Annotate(done, statement);
  // MySQL ended the transaction with the statement of the schema; what follows gets a new one.
  const bool ended = tx.dialect().flavor() == Flavor::kMysql;
  return ended ? tx.ExecuteOnce("START TRANSACTION") : absl::OkStatus();
}

absl::Status RunSteps(Transaction& tx, const MigrationSteps& steps, Direction direction,
                      const MigrationHooks& hooks) {
  if (hooks.before) DIEGO_RETURN_IF_ERROR(hooks.before(tx));
  for (const MigrationStep& step : steps) {
    if (hooks.before_step) DIEGO_RETURN_IF_ERROR(hooks.before_step(tx));
    DIEGO_RETURN_IF_ERROR(RunStep(tx, step, direction, hooks.may_go_on));
  }
  return hooks.after ? hooks.after(tx) : absl::OkStatus();
}

}  // namespace

absl::string_view DirectionName(Direction direction) {
  return direction == Direction::kUp ? "up" : "down";
}

absl::Status RunMigration(Database& database, const Migration& migration, Direction direction,
                          const MigrationHooks& hooks) {
  const MigrationSteps& steps = direction == Direction::kUp ? migration.up : migration.down;
  return Annotate(
      database.Transact([&](Transaction& tx) { return RunSteps(tx, steps, direction, hooks); }),
      absl::StrCat("migration ", migration.version, " ", DirectionName(direction)));
}

}  // namespace diego::sql
