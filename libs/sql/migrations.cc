#include "libs/sql/migrations.h"

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_util.h"

namespace diego::sql {
namespace {

const std::string& StatementFor(const MigrationStep& step, Flavor flavor) {
  return flavor == Flavor::kMysql ? step.mysql : step.sqlite;
}

absl::Status RunStatement(Transaction& tx, const std::string& statement) {
  const absl::Status status = tx.ExecuteOnce(statement);
  if (KindOf(status) == ErrorKind::kAlreadyThere) return absl::OkStatus();
  return Annotate(status, statement);
}

absl::Status RunStep(Transaction& tx, const MigrationStep& step) {
  if (step.rewrite) return step.rewrite(tx);
  const std::string& statement = StatementFor(step, tx.dialect().flavor());
  if (statement.empty()) return absl::OkStatus();
  DIEGO_RETURN_IF_ERROR(RunStatement(tx, statement));
  // MySQL ended the transaction with the statement of the schema; what follows gets a new one.
  const bool ended = tx.dialect().flavor() == Flavor::kMysql;
  return ended ? tx.ExecuteOnce("START TRANSACTION") : absl::OkStatus();
}

absl::Status RunMigration(Transaction& tx, const MigrationPlan& plan, const Migration& migration) {
  for (const MigrationStep& step : migration.steps) {
    if (plan.may_go_on) DIEGO_RETURN_IF_ERROR(plan.may_go_on());
    DIEGO_RETURN_IF_ERROR(RunStep(tx, step));
  }
  return plan.version ? plan.version->write(tx, migration.version) : absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Database& database, const MigrationPlan& plan) {
  int64_t stored = 0;
  if (plan.version) {
    DIEGO_RETURN_IF_ERROR(Annotate(database.Transact([&](Transaction& tx) -> absl::Status {
      DIEGO_ASSIGN_OR_RETURN(stored, plan.version->read(tx));
      return absl::OkStatus();
    }),
                                   "reading the schema's version"));
  }
  int64_t before = 0;
  for (const Migration& migration : plan.migrations) {
    DIEGO_CHECK(migration.version > before) << "migrations out of order at " << migration.version;
    before = migration.version;
    if (plan.version && migration.version <= stored) continue;
    const absl::Status done =
        database.Transact([&](Transaction& tx) { return RunMigration(tx, plan, migration); });
    DIEGO_RETURN_IF_ERROR(Annotate(done, absl::StrCat("migration ", migration.version)));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HasColumn(Transaction& tx, absl::string_view table, absl::string_view column) {
  int64_t found = 0;
  const bool mysql = tx.dialect().flavor() == Flavor::kMysql;
  const absl::string_view query =
      mysql ? "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND "
              "table_name = ? AND column_name = ?"
            : "SELECT COUNT(*) FROM pragma_table_info(?) WHERE name = ?";
  DIEGO_RETURN_IF_ERROR(tx.Query(query, {Text(table), Text(column)}, [&](const Row& row) {
    found = row.Int64(0);
    return absl::OkStatus();
  }));
  return found > 0;
}

}  // namespace diego::sql
