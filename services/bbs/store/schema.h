// The tables of the BBS's database as the store reads and writes them. How they come to be is in
// migrations/. Source: reference/sql-schema.md "BBS tables".
#pragma once

#include <string>
#include <vector>

#include "libs/sql/dialect.h"

namespace diego::bbs {

// The columns in the order in which row_codec.h writes and reads them; legacy columns that nobody
// uses (actual_lrps evacuating and expire_time) are left out and keep their defaults.
const sql::TableShape& DomainsTable();
const sql::TableShape& DesiredLrpsTable();
const sql::TableShape& ActualLrpsTable();
const sql::TableShape& TasksTable();
// Ours; see additions.h.
const sql::TableShape& AnsweredCallsTable();
// Two text columns, id and value. Rows: version, encryption_key_label.
const sql::TableShape& ConfigurationsTable();

inline constexpr char kVersionRow[] = "version";
inline constexpr char kKeyLabelRow[] = "encryption_key_label";

// The columns that hold sealed payloads, by table. `filled`: never left empty, as the original's
// re-encryption looks at their first bytes without asking how many there are. Source:
// reference/sql-schema.md "Data-at-rest encoding".
struct SealedColumn {
  std::string name;
  bool filled = false;
};
struct SealedTable {
  const sql::TableShape* shape = nullptr;
  std::vector<SealedColumn> columns;
};
const std::vector<SealedTable>& SealedTables();

// Ours: one row, id = 1, never deleted. Who holds office and how far it got; see
// engine/commit_store.h.
inline constexpr char kLeadershipTable[] = "leadership";

// "SELECT <columns> FROM <table>".
std::string SelectAll(const sql::TableShape& table);

}  // namespace diego::bbs
