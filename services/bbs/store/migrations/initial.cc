#include "services/bbs/store/migrations/initial.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace diego::bbs {
namespace {

using Step = sql::MigrationStep;

Step CreateTable(absl::string_view name, absl::string_view columns) {
  const std::string create = absl::StrCat("CREATE TABLE IF NOT EXISTS ", name, " (", columns, ")");
  return {absl::StrCat(create, sql::Dialect(sql::Flavor::kMysql).TableOptions()), create, {}};
}

Step CreateIndex(absl::string_view table, absl::string_view column) {
  return Step::Both(
      absl::StrCat("CREATE INDEX ", table, "_", column, "_idx ON ", table, "(", column, ")"));
}

constexpr absl::string_view kDesiredColumns =
    "process_guid VARCHAR(255) PRIMARY KEY, domain VARCHAR(255) NOT NULL, "
    "log_guid VARCHAR(255) NOT NULL, annotation TEXT, instances INT NOT NULL, "
    "memory_mb INT NOT NULL, disk_mb INT NOT NULL, rootfs VARCHAR(255) NOT NULL, "
    "routes TEXT NOT NULL, volume_placement TEXT NOT NULL, "
    "modification_tag_epoch VARCHAR(255) NOT NULL, modification_tag_index INT, "
    "run_info TEXT NOT NULL";

constexpr absl::string_view kActualColumns =
    "process_guid VARCHAR(255), instance_index INT, evacuating BOOL DEFAULT false, "
    "domain VARCHAR(255) NOT NULL, state VARCHAR(255) NOT NULL, "
    "instance_guid VARCHAR(255) NOT NULL DEFAULT '', cell_id VARCHAR(255) NOT NULL DEFAULT '', "
    "placement_error VARCHAR(255) NOT NULL DEFAULT '', since BIGINT DEFAULT 0, "
    "net_info TEXT NOT NULL, modification_tag_epoch VARCHAR(255) NOT NULL, "
    "modification_tag_index INT, crash_count INT NOT NULL DEFAULT 0, "
    "crash_reason VARCHAR(255) NOT NULL DEFAULT '', expire_time BIGINT DEFAULT 0";

constexpr absl::string_view kTaskColumns =
    "guid VARCHAR(255) PRIMARY KEY, domain VARCHAR(255) NOT NULL, updated_at BIGINT DEFAULT 0, "
    "created_at BIGINT DEFAULT 0, first_completed_at BIGINT DEFAULT 0, state INT, "
    "cell_id VARCHAR(255) NOT NULL DEFAULT '', result TEXT, failed BOOL DEFAULT false, "
    "failure_reason VARCHAR(255) NOT NULL DEFAULT '', task_definition TEXT NOT NULL";

constexpr absl::string_view kActualIndexes[] = {"domain", "cell_id", "since", "state",
                                                "expire_time"};
constexpr absl::string_view kTaskIndexes[] = {"domain",     "state",      "cell_id",
                                              "updated_at", "created_at", "first_completed_at"};

}  // namespace

std::vector<Step> InitialSchema() {
  std::vector<Step> steps = {
      CreateTable("domains", "domain VARCHAR(255) PRIMARY KEY, expire_time BIGINT DEFAULT 0"),
      CreateTable("desired_lrps", kDesiredColumns),
      CreateTable("actual_lrps", absl::StrCat(kActualColumns,
                                              ", PRIMARY KEY (process_guid, instance_index, "
                                              "evacuating)")),
      CreateTable("tasks", kTaskColumns),
      CreateIndex("domains", "expire_time"),
      CreateIndex("desired_lrps", "domain"),
  };
  for (absl::string_view column : kActualIndexes) {
    steps.push_back(CreateIndex("actual_lrps", column));
  }
  for (absl::string_view column : kTaskIndexes) steps.push_back(CreateIndex("tasks", column));
  return steps;
}

std::vector<Step> PresenceJoinsThePrimaryKey() {
  std::vector<Step> steps = {
      Step::MysqlOnly("ALTER TABLE actual_lrps ADD COLUMN presence INT NOT NULL DEFAULT 0"),
      Step::MysqlOnly("UPDATE actual_lrps SET presence = 1 WHERE evacuating = true"),
      Step::MysqlOnly("ALTER TABLE actual_lrps DROP PRIMARY KEY, "
                      "ADD PRIMARY KEY (process_guid, instance_index, presence)"),
      // SQLite cannot change a primary key: the table is made anew. One transaction, as everything
      // there, so that no half of it is ever seen.
      Step::SqliteOnly(absl::StrCat("CREATE TABLE new_actual_lrps (", kActualColumns,
                                    ", presence INT NOT NULL DEFAULT 0, "
                                    "PRIMARY KEY (process_guid, instance_index, presence))")),
      Step::SqliteOnly(
          "INSERT INTO new_actual_lrps SELECT process_guid, instance_index, evacuating, domain, "
          "state, instance_guid, cell_id, placement_error, since, net_info, "
          "modification_tag_epoch, modification_tag_index, crash_count, crash_reason, "
          "expire_time, CASE WHEN evacuating THEN 1 ELSE 0 END FROM actual_lrps"),
      Step::SqliteOnly("DROP TABLE actual_lrps"),
      Step::SqliteOnly("ALTER TABLE new_actual_lrps RENAME TO actual_lrps"),
  };
  for (absl::string_view column : kActualIndexes) {
    steps.push_back(Step::SqliteOnly(CreateIndex("actual_lrps", column).sqlite));
  }
  return steps;
}

std::vector<Step> HealthCheckTable() {
  return {{absl::StrCat("CREATE TABLE IF NOT EXISTS bbs_health_check "
                        "(id int AUTO_INCREMENT PRIMARY KEY, time bigint NOT NULL)",
                        sql::Dialect(sql::Flavor::kMysql).TableOptions()),
           "CREATE TABLE IF NOT EXISTS bbs_health_check "
           "(id INTEGER PRIMARY KEY, time bigint NOT NULL)",
           {}}};
}

}  // namespace diego::bbs
