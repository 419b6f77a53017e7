#include "services/bbs/store/migrations/widths.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"

namespace diego::bbs {
namespace {

using Step = sql::MigrationStep;

struct Payload {
  const char* column;
  const char* rest;  // of its definition, after the type
};
struct PayloadTable {
  const char* name;
  std::vector<Payload> payloads;
};
const std::vector<PayloadTable>& PayloadTables() {
  static const std::vector<PayloadTable> kTables = {
      {"desired_lrps",
       {{"annotation", ""},
        {"routes", " NOT NULL"},
        {"volume_placement", " NOT NULL"},
        {"run_info", " NOT NULL"}}},
      {"actual_lrps", {{"net_info", " NOT NULL"}}},
      {"tasks", {{"result", ""}, {"task_definition", " NOT NULL"}}},
  };
  return kTables;
}

// `length` is LENGTH (bytes) or CHAR_LENGTH.
Step RefuseLonger(const std::string& table, const std::string& column, const std::string& length,
                  int64_t most) {
  return Step::Rewrite([=](sql::Transaction& tx, const sql::MayGoOn&) -> absl::Status {
    if (tx.dialect().flavor() != sql::Flavor::kMysql) return absl::OkStatus();
    int64_t longer = 0;
    DIEGO_RETURN_IF_ERROR(tx.Query(
        absl::StrCat("SELECT COUNT(*) FROM ", table, " WHERE ", length, "(", column, ") > ", most),
        {}, [&](const sql::Row& row) {
          longer = row.Int64(0);
          return absl::OkStatus();
        }));
    if (longer == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(longer, " rows of ", table, " have a ", column, " longer than ", most,
                     ", which that version cannot hold; remove them first"));
  });
}

sql::MigrationSteps SetWidths(const std::string& table, const std::vector<std::string>& columns,
                              int width) {
  const std::string changes = absl::StrJoin(columns, ", ", [&](std::string* out, const auto& c) {
    absl::StrAppend(out, "MODIFY ", c, " VARCHAR(", width, ") NOT NULL DEFAULT ''");
  });
  return {Step::MysqlOnly(absl::StrCat("ALTER TABLE ", table, " ", changes))};
}

}  // namespace

sql::MigrationSteps WidenPayloads(absl::string_view type) {
  sql::MigrationSteps steps;
  for (const PayloadTable& table : PayloadTables()) {
    const std::string changes =
        absl::StrJoin(table.payloads, ", ", [&](std::string* out, const Payload& payload) {
          absl::StrAppend(out, "MODIFY ", payload.column, " ", type, payload.rest);
        });
    steps.push_back(Step::MysqlOnly(absl::StrCat("ALTER TABLE ", table.name, " ", changes)));
  }
  return steps;
}

sql::MigrationSteps NarrowPayloads(absl::string_view type, int64_t most_bytes) {
  sql::MigrationSteps steps;
  for (const PayloadTable& table : PayloadTables()) {
    for (const Payload& payload : table.payloads) {
      steps.push_back(RefuseLonger(table.name, payload.column, "LENGTH", most_bytes));
    }
  }
  for (Step& step : WidenPayloads(type)) steps.push_back(std::move(step));
  return steps;
}

sql::MigrationSteps WidenTo1024(const std::string& table, const std::vector<std::string>& columns) {
  return SetWidths(table, columns, 1024);
}

sql::MigrationSteps CutTo255(const std::string& table, const std::vector<std::string>& columns) {
  const std::string cuts = absl::StrJoin(columns, ", ", [](std::string* out, const auto& c) {
    absl::StrAppend(out, c, " = LEFT(", c, ", 255)");
  });
  sql::MigrationSteps steps = {Step::MysqlOnly(absl::StrCat("UPDATE ", table, " SET ", cuts))};
  for (Step& step : SetWidths(table, columns, 255)) steps.push_back(std::move(step));
  return steps;
}

sql::MigrationSteps NarrowRootFs() {
  // The default came with the width.
  return {RefuseLonger("desired_lrps", "rootfs", "CHAR_LENGTH", 255),
          Step::MysqlOnly("ALTER TABLE desired_lrps MODIFY rootfs VARCHAR(255) NOT NULL")};
}

}  // namespace diego::bbs
