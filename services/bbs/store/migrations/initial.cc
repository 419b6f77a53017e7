#include "services/bbs/store/migrations/initial.h"

#include <string>
#include <utility>

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

sql::MigrationSteps ActualLrpIndexes() {
  sql::MigrationSteps steps;
  for (absl::string_view column : kActualIndexes) {
    steps.push_back(CreateIndex("actual_lrps", column));
  }
  return steps;
}

sql::MigrationSteps InitialSchema() {
  sql::MigrationSteps steps = {
      CreateTable("domains", "domain VARCHAR(255) PRIMARY KEY, expire_time BIGINT DEFAULT 0"),
      CreateTable("desired_lrps", kDesiredColumns),
      CreateTable("actual_lrps", absl::StrCat(kFirstActualLrpColumns,
                                              ", PRIMARY KEY (process_guid, instance_index, "
                                              "evacuating)")),
      CreateTable("tasks", kTaskColumns),
      CreateIndex("domains", "expire_time"),
      CreateIndex("desired_lrps", "domain"),
  };
  for (Step& index : ActualLrpIndexes()) steps.push_back(std::move(index));
  for (absl::string_view column : kTaskIndexes) steps.push_back(CreateIndex("tasks", column));
  return steps;
}

sql::MigrationSteps DropInitialSchema() {
  sql::MigrationSteps steps;
  for (const char* table : {"domains", "desired_lrps", "actual_lrps", "tasks"}) {
    steps.push_back(Step::Both(absl::StrCat("DROP TABLE IF EXISTS ", table)));
  }
  return steps;
}

sql::MigrationSteps HealthCheckTable() {
  return {{absl::StrCat("CREATE TABLE IF NOT EXISTS bbs_health_check "
                        "(id int AUTO_INCREMENT PRIMARY KEY, time bigint NOT NULL)",
                        sql::Dialect(sql::Flavor::kMysql).TableOptions()),
           "CREATE TABLE IF NOT EXISTS bbs_health_check "
           "(id INTEGER PRIMARY KEY, time bigint NOT NULL)",
           {}}};
}

}  // namespace diego::bbs
