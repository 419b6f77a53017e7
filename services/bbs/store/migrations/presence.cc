#include "services/bbs/store/migrations/presence.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/migrations/initial.h"

namespace diego::bbs {
namespace {

using Step = sql::MigrationStep;

// The columns of the time, but for the key's third part.
constexpr char kCarried[] =
    "process_guid, instance_index, domain, state, instance_guid, cell_id, placement_error, since, "
    "net_info, modification_tag_epoch, modification_tag_index, crash_count, crash_reason, "
    "expire_time";

absl::StatusOr<bool> HasPresence(sql::Transaction& tx) {
  bool found = false;
  DIEGO_RETURN_IF_ERROR(
      tx.Query("SELECT 1 FROM pragma_table_info('actual_lrps') WHERE name = 'presence'", {},
               [&](const sql::Row&) {
                 found = true;
                 return absl::OkStatus();
               }));
  return found;
}

// SQLite cannot change a primary key: the table is made anew, in one transaction, as everything
// there, so that no half of it is ever seen.
absl::Status MakeAnew(sql::Transaction& tx, const std::string& columns, const std::string& fill) {
  DIEGO_RETURN_IF_ERROR(
      tx.ExecuteOnce(absl::StrCat("CREATE TABLE new_actual_lrps (", columns, ")")));
  DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce(absl::StrCat("INSERT INTO new_actual_lrps ", fill)));
  DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce("DROP TABLE actual_lrps"));
  DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce("ALTER TABLE new_actual_lrps RENAME TO actual_lrps"));
  for (const Step& index : ActualLrpIndexes()) {
    DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce(index.sqlite));
  }
  return absl::OkStatus();
}

Step SqliteOnly(std::function<absl::Status(sql::Transaction&)> work) {
  return Step::Rewrite([work](sql::Transaction& tx, const sql::MayGoOn&) {
    return tx.dialect().flavor() == sql::Flavor::kSqlite ? work(tx) : absl::OkStatus();
  });
}

absl::Status JoinOnSqlite(sql::Transaction& tx) {
  DIEGO_ASSIGN_OR_RETURN(const bool done, HasPresence(tx));
  if (done) return absl::OkStatus();
  return MakeAnew(tx,
                  absl::StrCat(kFirstActualLrpColumns,
                               ", presence INT NOT NULL DEFAULT 0, "
                               "PRIMARY KEY (process_guid, instance_index, presence)"),
                  absl::StrCat("(", kCarried, ", evacuating, presence) SELECT ", kCarried,
                               ", evacuating, CASE WHEN evacuating THEN 1 ELSE 0 END "
                               "FROM actual_lrps"));
}

absl::Status LeaveOnSqlite(sql::Transaction& tx) {
  DIEGO_ASSIGN_OR_RETURN(const bool has, HasPresence(tx));
  if (!has) return absl::OkStatus();
  DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce(
      "DELETE FROM actual_lrps WHERE presence = 2 AND EXISTS (SELECT 1 FROM actual_lrps o WHERE "
      "o.process_guid = actual_lrps.process_guid AND o.instance_index = actual_lrps.instance_index "
      "AND o.presence = 0)"));
  return MakeAnew(tx,
                  absl::StrCat(kFirstActualLrpColumns,
                               ", PRIMARY KEY (process_guid, instance_index, evacuating)"),
                  absl::StrCat("(", kCarried, ", evacuating) SELECT ", kCarried,
                               ", presence = 1 FROM actual_lrps"));
}

}  // namespace

sql::MigrationSteps PresenceJoinsThePrimaryKey() {
  return {
      Step::MysqlOnly("ALTER TABLE actual_lrps ADD COLUMN presence INT NOT NULL DEFAULT 0"),
      Step::MysqlOnly("UPDATE actual_lrps SET presence = 1 WHERE evacuating = true"),
      Step::MysqlOnly("ALTER TABLE actual_lrps DROP PRIMARY KEY, "
                      "ADD PRIMARY KEY (process_guid, instance_index, presence)"),
      SqliteOnly(JoinOnSqlite),
  };
}

sql::MigrationSteps PresenceLeavesThePrimaryKey() {
  return {
      Step::MysqlOnly("DELETE s FROM actual_lrps s JOIN actual_lrps o "
                      "ON o.process_guid = s.process_guid AND o.instance_index = s.instance_index "
                      "AND o.presence = 0 WHERE s.presence = 2"),
      Step::MysqlOnly("UPDATE actual_lrps SET evacuating = (presence = 1)"),
      // One statement: either all of it is done or nothing.
      Step::MysqlOnly("ALTER TABLE actual_lrps DROP PRIMARY KEY, "
                      "ADD PRIMARY KEY (process_guid, instance_index, evacuating), "
                      "DROP COLUMN presence"),
      SqliteOnly(LeaveOnSqlite),
  };
}

}  // namespace diego::bbs
