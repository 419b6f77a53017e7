#include "services/bbs/store/paging.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::bbs {

std::string PageClause(const sql::TableShape& table, size_t rows) {
  const std::vector<std::string>& c = table.columns;
  const std::string order =
      absl::StrJoin(c.begin(), c.begin() + static_cast<long>(table.key_columns), ", ");
  // MySQL uses the index for the first comparison only, hence its repetition in front.
  const std::string behind = table.key_columns == 1
                                 ? absl::StrCat(c[0], " > ?")
                                 : absl::StrCat(c[0], " >= ? AND (", c[0], " > ? OR ", c[1],
                                                " > ? OR (", c[1], " = ? AND ", c[2], " > ?))");
  return absl::StrCat(" WHERE ", behind, " ORDER BY ", order, " LIMIT ", rows);
}

sql::Values PageValues(const sql::Values& key) {
  if (key.size() == 1) return key;
  return {key[0], key[0], key[1], key[1], key[2]};
}

sql::Values FirstKey(const sql::TableShape& table) {
  if (table.key_columns == 1) return {""};
  return {"", int64_t{-1}, int64_t{-1}};
}

sql::Values KeyOf(const sql::TableShape& table, const sql::Row& row) {
  if (table.key_columns == 1) return {row.Text(0)};
  return {row.Text(0), row.Int64(1), row.Int64(2)};
}

std::string KeyText(const sql::TableShape& table, const sql::Row& row) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < table.key_columns; ++i) parts.push_back(row.Text(static_cast<int>(i)));
  return absl::StrJoin(parts, "/");
}

}  // namespace diego::bbs
