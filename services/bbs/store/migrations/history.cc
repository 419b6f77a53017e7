#include "services/bbs/store/migrations/history.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/bbs/store/migrations/initial.h"
#include "services/bbs/store/migrations/presence.h"
#include "services/bbs/store/migrations/rewrites.h"
#include "services/bbs/store/migrations/widths.h"

namespace diego::bbs {
namespace {

using Step = sql::MigrationStep;
using Migration = sql::Migration;

struct ColumnAt {
  const char* table;
  const char* column;
  const char* type;  // with NOT NULL and default
};
Step AddColumn(const ColumnAt& at) {
  return Step::Both(
      absl::StrCat("ALTER TABLE ", at.table, " ADD COLUMN ", at.column, " ", at.type));
}
Step DropColumn(const ColumnAt& at) {
  return Step::Both(absl::StrCat("ALTER TABLE ", at.table, " DROP COLUMN ", at.column));
}
Migration NewColumn(int64_t version, const ColumnAt& at) {
  const std::string name = absl::StrCat(at.table, ".", at.column);
  return {version, absl::StrCat("adds ", name), {AddColumn(at)}, {DropColumn(at)}, name};
}

std::vector<Migration> Until2018(const RowCodec* codec) {
  return {
      {1461790966, "makes the tables", InitialSchema(), DropInitialSchema(), "everything stored"},
      {1471030898, "widens payloads to MEDIUMTEXT", WidenPayloads("MEDIUMTEXT"),
       NarrowPayloads("TEXT", 65535), ""},
      NewColumn(1472757022, {"desired_lrps", "placement_tags", "TEXT"}),
      {1474908092, "widens crash reasons and placement errors to 1024",
       WidenTo1024("actual_lrps", {"crash_reason", "placement_error"}),
       CutTo255("actual_lrps", {"crash_reason", "placement_error"}),
       "actual_lrps.crash_reason and placement_error beyond 255 characters"},
      {1474993971,
       "seals desired_lrps.routes",
       {SealPlainRoutes(codec)},
       {OpenSealedRoutes(codec)},
       ""},
      NewColumn(1481761088, {"desired_lrps", "max_pids", "INTEGER DEFAULT 0"}),
      {1502289152, "widens desired_lrps.rootfs to 1024", WidenTo1024("desired_lrps", {"rootfs"}),
       NarrowRootFs(), ""},
      NewColumn(1522700600, {"tasks", "rejection_count", "INTEGER NOT NULL DEFAULT 0"}),
      NewColumn(1523050077, {"tasks", "rejection_reason", "VARCHAR(255) NOT NULL DEFAULT ''"}),
      {1528928964, "widens reasons of tasks to 1024",
       WidenTo1024("tasks", {"rejection_reason", "failure_reason"}),
       CutTo255("tasks", {"rejection_reason", "failure_reason"}),
       "tasks.rejection_reason and failure_reason beyond 255 characters"},
      {1529530809, "adds actual_lrps.presence to the key", PresenceJoinsThePrimaryKey(),
       PresenceLeavesThePrimaryKey(), "suspect instances that have an ordinary one beside them"},
  };
}

// The column keeps what run_info held before, and gives it back.
Migration MetricTagsOfDesiredLrps(const RowCodec* codec) {
  const ColumnAt column = {"desired_lrps", "metric_tags", "MEDIUMTEXT"};
  return {1722634733,
          "moves metric tags of desired LRPs to a column of their own",
          {AddColumn(column), CopyMetricTagsOutOfRunInfo(codec)},
          {CopyMetricTagsIntoRunInfo(codec), DropColumn(column)},
          ""};
}

Migration Routable() {
  const ColumnAt column = {"actual_lrps", "routable", "BOOL DEFAULT false"};
  Migration migration = NewColumn(1686692176, column);
  migration.up.push_back(
      Step::Both("UPDATE actual_lrps SET routable = true WHERE state = 'RUNNING'"));
  return migration;
}

}  // namespace

std::vector<Migration> SchemaHistory(const RowCodec* codec) {
  std::vector<Migration> history = Until2018(codec);
  const std::vector<Migration> since = {
      NewColumn(1643660541, {"actual_lrps", "internal_routes", "MEDIUMTEXT"}),
      {1674146125, "widens payloads to LONGTEXT", WidenPayloads("LONGTEXT"),
       NarrowPayloads("MEDIUMTEXT", 16777215), ""},
      NewColumn(1676360874, {"actual_lrps", "metric_tags", "MEDIUMTEXT"}),
      Routable(),
      NewColumn(1698182853,
                {"actual_lrps", "availability_zone", "VARCHAR(255) NOT NULL DEFAULT ''"}),
      MetricTagsOfDesiredLrps(codec),
      {1764949919,
       "makes bbs_health_check",
       HealthCheckTable(),
       {Step::Both("DROP TABLE IF EXISTS bbs_health_check")},
       ""},
      NewColumn(1772581987, {"desired_lrps", "update_strategy", "INT NOT NULL DEFAULT 0"}),
  };
  history.insert(history.end(), since.begin(), since.end());
  return history;
}

int64_t SchemaVersion() {
  static const int64_t kVersion = SchemaHistory(nullptr).back().version;
  return kVersion;
}

}  // namespace diego::bbs
