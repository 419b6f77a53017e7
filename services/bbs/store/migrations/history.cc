#include "services/bbs/store/migrations/history.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/bbs/store/migrations/initial.h"
#include "services/bbs/store/migrations/rewrites.h"

namespace diego::bbs {
namespace {

using Step = sql::MigrationStep;

// SQLite's column types have no width, so changes of width are MySQL's alone.
Step WidenTexts(absl::string_view type) {
  return Step::MysqlOnly(absl::StrCat(
      "ALTER TABLE desired_lrps MODIFY annotation ", type, ", MODIFY routes ", type, " NOT NULL",
      ", MODIFY volume_placement ", type, " NOT NULL", ", MODIFY run_info ", type, " NOT NULL"));
}
Step WidenNetInfo(absl::string_view type) {
  return Step::MysqlOnly(
      absl::StrCat("ALTER TABLE actual_lrps MODIFY net_info ", type, " NOT NULL"));
}
Step WidenTaskTexts(absl::string_view type) {
  return Step::MysqlOnly(absl::StrCat("ALTER TABLE tasks MODIFY result ", type,
                                      ", MODIFY task_definition ", type, " NOT NULL"));
}
Step AddColumn(absl::string_view table, absl::string_view definition) {
  return Step::Both(absl::StrCat("ALTER TABLE ", table, " ADD COLUMN ", definition));
}
Step WidenTo1024(absl::string_view table, absl::string_view column) {
  return Step::MysqlOnly(absl::StrCat("ALTER TABLE ", table, " MODIFY ", column,
                                      " VARCHAR(1024) NOT NULL DEFAULT ''"));
}

std::vector<sql::Migration> Until2018(const RowCodec* codec) {
  return {
      {1461790966, InitialSchema()},
      {1471030898,
       {WidenTexts("MEDIUMTEXT"), WidenNetInfo("MEDIUMTEXT"), WidenTaskTexts("MEDIUMTEXT")}},
      {1472757022, {AddColumn("desired_lrps", "placement_tags TEXT")}},
      {1474908092,
       {WidenTo1024("actual_lrps", "crash_reason"), WidenTo1024("actual_lrps", "placement_error")}},
      {1474993971, {SealPlainRoutes(codec)}},
      {1481761088, {AddColumn("desired_lrps", "max_pids INTEGER DEFAULT 0")}},
      {1502289152, {WidenTo1024("desired_lrps", "rootfs")}},
      {1522700600, {AddColumn("tasks", "rejection_count INTEGER NOT NULL DEFAULT 0")}},
      {1523050077, {AddColumn("tasks", "rejection_reason VARCHAR(255) NOT NULL DEFAULT ''")}},
      {1528928964,
       {WidenTo1024("tasks", "rejection_reason"), WidenTo1024("tasks", "failure_reason")}},
      {1529530809, PresenceJoinsThePrimaryKey()},
  };
}

}  // namespace

std::vector<sql::Migration> SchemaHistory(const RowCodec* codec) {
  std::vector<sql::Migration> history = Until2018(codec);
  const std::vector<sql::Migration> since = {
      {1643660541, {AddColumn("actual_lrps", "internal_routes MEDIUMTEXT")}},
      {1674146125, {WidenTexts("LONGTEXT"), WidenNetInfo("LONGTEXT"), WidenTaskTexts("LONGTEXT")}},
      {1676360874, {AddColumn("actual_lrps", "metric_tags MEDIUMTEXT")}},
      {1686692176,
       {AddColumn("actual_lrps", "routable BOOL DEFAULT false"),
        Step::Both("UPDATE actual_lrps SET routable = true WHERE state = 'RUNNING'")}},
      {1698182853,
       {AddColumn("actual_lrps", "availability_zone VARCHAR(255) NOT NULL DEFAULT ''")}},
      {1722634733,
       {AddColumn("desired_lrps", "metric_tags MEDIUMTEXT"), CopyMetricTagsOutOfRunInfo(codec)}},
      {1764949919, HealthCheckTable()},
      {1772581987, {AddColumn("desired_lrps", "update_strategy INT NOT NULL DEFAULT 0")}},
  };
  history.insert(history.end(), since.begin(), since.end());
  return history;
}

int64_t SchemaVersion() { return SchemaHistory(nullptr).back().version; }

}  // namespace diego::bbs
