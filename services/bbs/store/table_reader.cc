#include "services/bbs/store/table_reader.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

constexpr size_t kPageRows = 2000;

// The rows behind `key` in key order, for keys of one column or of three. MySQL uses the index for
// the first comparison only, hence its repetition in front.
std::string PageQuery(const sql::TableShape& table) {
  const std::vector<std::string>& c = table.columns;
  const std::string order =
      absl::StrJoin(c.begin(), c.begin() + static_cast<long>(table.key_columns), ", ");
  const std::string behind = table.key_columns == 1
                                 ? absl::StrCat(c[0], " > ?")
                                 : absl::StrCat(c[0], " >= ? AND (", c[0], " > ? OR ", c[1],
                                                " > ? OR (", c[1], " = ? AND ", c[2], " > ?))");
  return absl::StrCat(SelectAll(table), " WHERE ", behind, " ORDER BY ", order, " LIMIT ",
                      kPageRows);
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

}  // namespace

absl::Status TableReader::ReadPage(const sql::TableShape& table, Decode decode, Salvage salvage,
                                   sql::Values* last_key, size_t* visited) {
  const sql::Values after = *last_key;
  const size_t rows_before = rows_->size();
  const size_t quarantined_before = quarantined_->size();
  return database_->Read([&](sql::Transaction& tx) {
    // A page that is tried again starts over.
    *visited = 0;
    rows_->resize(rows_before);
    quarantined_->resize(quarantined_before);
    return tx.Query(PageQuery(table), PageValues(after), [&](const sql::Row& row) {
      ++*visited;
      *last_key = KeyOf(table, row);
      if (absl::Status status = decode(row); !status.ok()) {
        quarantined_->push_back({table.name, KeyText(table, row), std::move(status), salvage(row)});
      }
      return absl::OkStatus();
    });
  });
}

absl::Status TableReader::ReadTable(const sql::TableShape& table, Decode decode, Salvage salvage) {
  const size_t rows_before = rows_->size();
  const size_t quarantined_before = quarantined_->size();
  sql::Values key = FirstKey(table);
  size_t visited = kPageRows;
  while (visited == kPageRows) {
    DIEGO_RETURN_IF_ERROR(Annotate(ReadPage(table, decode, salvage, &key, &visited), table.name));
  }
  const auto begin = quarantined_->begin() + static_cast<ptrdiff_t>(quarantined_before);
  const auto salvaged = std::count_if(begin, quarantined_->end(),
                                      [](const QuarantinedRow& row) { return row.salvaged; });
  const bool any_read = rows_->size() - rows_before > static_cast<size_t>(salvaged);
  const auto sealed = std::find_if(begin, quarantined_->end(), [](const QuarantinedRow& row) {
    return IsDiegoError(row.reason, ErrorType::kFailedToOpenEnvelope);
  });
  if (any_read || sealed == quarantined_->end()) return absl::OkStatus();
  return Annotate(sealed->reason,
                  absl::StrCat(table.name, ": none of ", quarantined_->end() - begin,
                               " rows can be opened; are the keys right? First: ", sealed->key));
}

absl::Status TableReader::ReadAll() {
  const auto keep = [this](auto change, auto record) -> absl::Status {
    if (!record.ok()) return record.status();
    using R = std::decay_t<decltype(*record)>;
    change.after = std::make_shared<const R>(*std::move(record));
    rows_->push_back(std::move(change));
    return absl::OkStatus();
  };
  const auto none = [](const sql::Row&) { return false; };
  DIEGO_RETURN_IF_ERROR(ReadTable(
      DomainsTable(),
      [&](const sql::Row& row) { return keep(DomainChange{}, codec_->DomainFromRow(row)); }, none));
  DIEGO_RETURN_IF_ERROR(ReadTable(
      DesiredLrpsTable(),
      [&](const sql::Row& row) { return keep(DesiredLrpChange{}, codec_->DesiredLrpFromRow(row)); },
      none));
  DIEGO_RETURN_IF_ERROR(ReadTable(
      ActualLrpsTable(),
      [&](const sql::Row& row) { return keep(ActualLrpChange{}, codec_->ActualLrpFromRow(row)); },
      [&](const sql::Row& row) {
        return keep(ActualLrpChange{}, codec_->SalvageActualLrp(row)).ok();
      }));
  DIEGO_RETURN_IF_ERROR(ReadTable(
      TasksTable(),
      [&](const sql::Row& row) { return keep(TaskChange{}, codec_->TaskFromRow(row)); },
      [&](const sql::Row& row) { return keep(TaskChange{}, codec_->SalvageTask(row)).ok(); }));
  return ReadTable(
      AnsweredCallsTable(),
      [&](const sql::Row& row) {
        return keep(AnsweredCallChange{}, codec_->AnsweredCallFromRow(row));
      },
      none);
}

}  // namespace diego::bbs
