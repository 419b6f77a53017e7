// Paging: a table page by page in the order of its primary key, of one column (text) or of three
// (text, number, number).
#pragma once

#include <cstddef>
#include <string>

#include "libs/sql/dialect.h"
#include "libs/sql/row.h"
#include "libs/sql/value.h"

namespace diego::bbs {

// " WHERE … ORDER BY … LIMIT rows": the rows behind a key, which is bound as PageValues(key).
std::string PageClause(const sql::TableShape& table, size_t rows);
sql::Values PageValues(const sql::Values& key);
// Before every row.
sql::Values FirstKey(const sql::TableShape& table);
// Of a row whose first columns are the key's.
sql::Values KeyOf(const sql::TableShape& table, const sql::Row& row);
// Its parts joined by "/".
std::string KeyText(const sql::TableShape& table, const sql::Row& row);

}  // namespace diego::bbs
