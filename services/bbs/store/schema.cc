#include "services/bbs/store/schema.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::bbs {

const sql::TableShape& DomainsTable() {
  static const sql::TableShape kTable = {
      "domains", {"domain", "expire_time", "crash_restart_policy"}, 1};
  return kTable;
}

const sql::TableShape& DesiredLrpsTable() {
  static const sql::TableShape kTable = {"desired_lrps",
                                         {"process_guid",
                                          "domain",
                                          "log_guid",
                                          "annotation",
                                          "instances",
                                          "memory_mb",
                                          "disk_mb",
                                          "rootfs",
                                          "routes",
                                          "volume_placement",
                                          "modification_tag_epoch",
                                          "modification_tag_index",
                                          "run_info",
                                          "placement_tags",
                                          "max_pids",
                                          "metric_tags",
                                          "update_strategy",
                                          "crash_restart_policy",
                                          "definition_id",
                                          "rollout"},
                                         1};
  return kTable;
}

const sql::TableShape& ActualLrpsTable() {
  static const sql::TableShape kTable = {"actual_lrps",
                                         {"process_guid",
                                          "instance_index",
                                          "presence",
                                          "domain",
                                          "state",
                                          "instance_guid",
                                          "cell_id",
                                          "placement_error",
                                          "since",
                                          "net_info",
                                          "modification_tag_epoch",
                                          "modification_tag_index",
                                          "crash_count",
                                          "crash_reason",
                                          "internal_routes",
                                          "metric_tags",
                                          "routable",
                                          "availability_zone",
                                          "definition_id",
                                          "placement_refusal"},
                                         3};
  return kTable;
}

const sql::TableShape& TasksTable() {
  static const sql::TableShape kTable = {
      "tasks",
      {"guid", "domain", "updated_at", "created_at", "first_completed_at", "state", "cell_id",
       "result", "failed", "failure_reason", "task_definition", "rejection_count",
       "rejection_reason", "placement_refusal"},
      1};
  return kTable;
}

const sql::TableShape& AnsweredCallsTable() {
  static const sql::TableShape kTable = {
      "answered_calls",
      {"request_id", "digest", "answered_at", "code", "error_type", "message", "should_start",
       "keep_container"},
      1};
  return kTable;
}

const sql::TableShape& ConfigurationsTable() {
  static const sql::TableShape kTable = {"configurations", {"id", "value"}, 1};
  return kTable;
}

const std::vector<SealedTable>& SealedTables() {
  static const std::vector<SealedTable> kTables = {
      {&TasksTable(), {{"task_definition"}}},
      {&DesiredLrpsTable(),
       {{"run_info"}, {"volume_placement"}, {"routes", true}, {"metric_tags", true}, {"rollout"}}},
      {&ActualLrpsTable(), {{"net_info"}, {"internal_routes"}, {"metric_tags"}}},
  };
  return kTables;
}

std::string SelectAll(const sql::TableShape& table) {
  return absl::StrCat("SELECT ", absl::StrJoin(table.columns, ","), " FROM ", table.name);
}

}  // namespace diego::bbs
