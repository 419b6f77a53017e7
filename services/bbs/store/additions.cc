#include "services/bbs/store/additions.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::bbs {
namespace {

struct Present {
  std::set<std::string> tables;
  std::set<std::pair<std::string, std::string>> columns;

  bool Has(const AddedTable& table) const { return tables.count(table.name) != 0; }
  bool Has(const AddedColumn& column) const {
    return columns.count({column.table, column.name}) != 0;
  }
};

absl::StatusOr<Present> ReadSchema(sql::Database& database) {
  Present present;
  const absl::string_view query =
      database.flavor() == sql::Flavor::kMysql
          ? "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE()"
          : "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table'";
  DIEGO_RETURN_IF_ERROR(Annotate(database.Read([&](sql::Transaction& tx) {
    present = {};
    return tx.Query(query, {}, [&](const sql::Row& row) {
      present.tables.insert(row.Text(0));
      present.columns.emplace(row.Text(0), row.Text(1));
      return absl::OkStatus();
    });
  }),
                                 "reading the schema"));
  return present;
}

absl::Status Run(sql::Database& database, const std::vector<std::string>& statements,
                 const sql::MayGoOn& may_go_on) {
  for (const std::string& statement : statements) {
    if (may_go_on) DIEGO_RETURN_IF_ERROR(may_go_on());
    const absl::Status done = database.ExecuteSchema(statement);
    // Another process, or a former life of this one, was quicker.
    const sql::ErrorKind kind = sql::KindOf(done);
    if (kind == sql::ErrorKind::kAlreadyThere || kind == sql::ErrorKind::kNotThere) continue;
    DIEGO_RETURN_IF_ERROR(Annotate(done, statement));
  }
  return absl::OkStatus();
}

}  // namespace

const Additions& OurAdditions() {
  static const Additions kOurs = {
      // Tables: {"name", "column TYPE, … PRIMARY KEY (…)"}
      {
          // core/request_memory.h. error_type: the Diego error's number, -1 where there is none.
          {"answered_calls",
           "request_id VARCHAR(255) PRIMARY KEY, digest VARCHAR(64) NOT NULL, "
           "answered_at BIGINT NOT NULL, code INT NOT NULL, error_type INT NOT NULL, "
           "message MEDIUMTEXT NOT NULL, should_start BOOL NOT NULL, keep_container BOOL NOT NULL"},
          // key_use.h
          {"sealing_keys", "label VARCHAR(127) PRIMARY KEY, since_label VARCHAR(255) NOT NULL"},
          // quarantine.h
          {"quarantined_rows",
           "table_name VARCHAR(64) NOT NULL, row_key VARCHAR(512) NOT NULL, content_hash BIGINT "
           "NOT NULL, found_at BIGINT NOT NULL, reason TEXT, content LONGTEXT, "
           "PRIMARY KEY (table_name, row_key, content_hash)"},
      },
      // Columns: {"table", "column", "TYPE"}
      {
          {"desired_lrps", "crash_restart_policy", "TEXT"},
          // libs/models/lrp_definition.h; the rollout is sealed.
          {"desired_lrps", "definition_id", "VARCHAR(255)"},
          {"desired_lrps", "rollout", "LONGTEXT"},
          {"actual_lrps", "definition_id", "VARCHAR(255)"},
          {"domains", "crash_restart_policy", "TEXT"},
          {"actual_lrps", "placement_refusal", "TEXT"},
          {"tasks", "placement_refusal", "TEXT"},
      },
  };
  return kOurs;
}

absl::StatusOr<std::vector<std::string>> StatementsToAdd(sql::Database& database,
                                                         const Additions& additions) {
  DIEGO_ASSIGN_OR_RETURN(const Present present, ReadSchema(database));
  std::vector<std::string> statements;
  for (const AddedTable& table : additions.tables) {
    if (present.Has(table)) continue;
    statements.push_back(absl::StrCat("CREATE TABLE IF NOT EXISTS ", table.name, " (",
                                      table.columns, ")", database.dialect().TableOptions()));
  }
  for (const AddedColumn& column : additions.columns) {
    if (present.Has(column)) continue;
    statements.push_back(absl::StrCat("ALTER TABLE ", column.table, " ADD COLUMN ", column.name,
                                      " ", column.type, " NULL"));
  }
  return statements;
}

absl::StatusOr<std::vector<std::string>> StatementsToDrop(sql::Database& database,
                                                          const Additions& additions) {
  DIEGO_ASSIGN_OR_RETURN(const Present present, ReadSchema(database));
  std::vector<std::string> statements;
  for (const AddedColumn& column : additions.columns) {
    if (!present.Has(column)) continue;
    statements.push_back(absl::StrCat("ALTER TABLE ", column.table, " DROP COLUMN ", column.name));
  }
  for (const AddedTable& table : additions.tables) {
    if (present.Has(table)) {
      statements.push_back(absl::StrCat("DROP TABLE IF EXISTS ", table.name));
    }
  }
  return statements;
}

absl::Status EnsureAdditions(sql::Database& database, const Additions& additions,
                             const sql::MayGoOn& may_go_on) {
  DIEGO_ASSIGN_OR_RETURN(const std::vector<std::string> statements,
                         StatementsToAdd(database, additions));
  return Annotate(Run(database, statements, may_go_on), "making our additions to the schema");
}

absl::Status DropAdditions(sql::Database& database, const Additions& additions,
                           const sql::MayGoOn& may_go_on) {
  DIEGO_ASSIGN_OR_RETURN(const std::vector<std::string> statements,
                         StatementsToDrop(database, additions));
  return Annotate(Run(database, statements, may_go_on), "dropping our additions to the schema");
}

}  // namespace diego::bbs
