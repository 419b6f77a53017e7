#include "libs/sql/dialect.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::sql {
namespace {

// "(?,?,?)"
std::string Placeholders(size_t count) {
  return absl::StrCat("(", absl::StrJoin(std::vector<absl::string_view>(count, "?"), ","), ")");
}

std::string Repeat(const std::string& part, absl::string_view separator, size_t count) {
  return absl::StrJoin(std::vector<absl::string_view>(count, part), separator);
}

std::string InsertHead(const TableShape& table) {
  return absl::StrCat(" INTO ", table.name, " (", absl::StrJoin(table.columns, ","), ") VALUES ");
}

std::vector<std::string> KeyColumns(const TableShape& table) {
  return {table.columns.begin(), table.columns.begin() + static_cast<long>(table.key_columns)};
}

}  // namespace

absl::string_view FlavorName(Flavor flavor) {
  return flavor == Flavor::kSqlite ? "sqlite" : "mysql";
}

std::string Dialect::Upsert(const TableShape& table, size_t rows) const {
  std::vector<std::string> assignments;
  for (size_t i = table.key_columns; i < table.columns.size(); ++i) {
    const std::string& column = table.columns[i];
    assignments.push_back(flavor_ == Flavor::kMysql ? absl::StrCat(column, "=VALUES(", column, ")")
                                                    : absl::StrCat(column, "=excluded.", column));
  }
  const std::string conflict =
      flavor_ == Flavor::kMysql
          ? std::string(" ON DUPLICATE KEY UPDATE ")
          : absl::StrCat(" ON CONFLICT(", absl::StrJoin(KeyColumns(table), ","),
                         ") DO UPDATE SET ");
  return absl::StrCat("INSERT", InsertHead(table),
                      Repeat(Placeholders(table.columns.size()), ",", rows), conflict,
                      absl::StrJoin(assignments, ","));
}

std::string Dialect::InsertIfAbsent(const TableShape& table) const {
  return absl::StrCat(flavor_ == Flavor::kMysql ? "INSERT IGNORE" : "INSERT OR IGNORE",
                      InsertHead(table), Placeholders(table.columns.size()));
}

std::string Dialect::DeleteByKey(const TableShape& table, size_t rows) const {
  // Not `(a,b) IN ((?,?),…)`: MariaDB scans the table for that.
  const std::string one = absl::StrCat("(", absl::StrJoin(KeyColumns(table), "=? AND "), "=?)");
  return absl::StrCat("DELETE FROM ", table.name, " WHERE ", Repeat(one, " OR ", rows));
}

absl::string_view Dialect::ForUpdate() const {
  return flavor_ == Flavor::kMysql ? " FOR UPDATE" : "";
}

absl::string_view Dialect::TableOptions() const {
  return flavor_ == Flavor::kMysql
             ? " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
             : "";
}

}  // namespace diego::sql
