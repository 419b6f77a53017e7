// Dialect: where SQLite and the MySQL family differ. Everything else is written once, in the SQL
// that both speak: `?` placeholders, unquoted lower-case names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace diego::sql {

enum class Flavor { kSqlite, kMysql };

// "sqlite", "mysql".
absl::string_view FlavorName(Flavor flavor);

// A table as the batch calls of batch.h need it. The primary key's columns come first.
struct TableShape {
  std::string name;
  std::vector<std::string> columns;
  size_t key_columns = 1;
};

class Dialect {
 public:
  explicit Dialect(Flavor flavor) : flavor_(flavor) {}
  Flavor flavor() const { return flavor_; }

  // INSERT of `rows` rows that overwrites all columns of a row whose key is there.
  std::string Upsert(const TableShape& table, size_t rows) const;
  // INSERT of one row that leaves a row whose key is there as it is.
  std::string InsertIfAbsent(const TableShape& table) const;
  // DELETE of `rows` rows by primary key.
  std::string DeleteByKey(const TableShape& table, size_t rows) const;
  // Appended to a SELECT whose rows the transaction means to change. Empty for SQLite, where a
  // transaction that may write holds the only write lock from its beginning.
  absl::string_view ForUpdate() const;
  // Appended to CREATE TABLE: engine and a character set whose keys compare byte by byte.
  absl::string_view TableOptions() const;

 private:
  Flavor flavor_;
};

}  // namespace diego::sql
