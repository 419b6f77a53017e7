#include "services/bbs/store/table_reader.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/columns.h"
#include "libs/wire/utf8.h"
#include "services/bbs/store/paging.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

constexpr size_t kPageRows = 2000;

std::string Content(const sql::TableShape& table, const sql::Row& row) {
  std::map<std::string, std::string> texts;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const int place = static_cast<int>(i);
    if (!row.IsNull(place)) texts[table.columns[i]] = wire::ValidUtf8(row.Text(place));
  }
  return wire::StringMapToJson(texts);
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
    return tx.Query(absl::StrCat(SelectAll(table), PageClause(table, kPageRows)), PageValues(after),
                    [&](const sql::Row& row) {
                      ++*visited;
                      *last_key = KeyOf(table, row);
                      if (absl::Status status = decode(row); !status.ok()) {
                        quarantined_->push_back({table.name, KeyText(table, row), std::move(status),
                                                 salvage(row), Content(table, row)});
                      }
                      return absl::OkStatus();
                    });
  });
}

absl::Status TableReader::ReadTable(const sql::TableShape& table, Decode decode, Salvage salvage,
                                    bool salvage_opens) {
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
  const auto blurred = static_cast<size_t>(salvage_opens ? 0 : salvaged);
  const bool any_read = rows_->size() - rows_before > blurred;
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
      [&](const sql::Row& row) {
        return keep(DesiredLrpChange{}, codec_->SalvageDesiredLrp(row)).ok();
      },
      /*salvage_opens=*/true));
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
