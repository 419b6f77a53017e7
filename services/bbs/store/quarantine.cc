#include "services/bbs/store/quarantine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/leadership.h"

namespace diego::bbs {
namespace {

// In one transaction; one after a disaster may have many.
constexpr size_t kRowsAtOnce = 256;

const sql::TableShape& Shape() {
  static const sql::TableShape kShape = {
      kQuarantineTable,
      {"table_name", "row_key", "content_hash", "found_at", "reason", "content"},
      3};
  return kShape;
}

// FNV-1a: tells contents apart that one key had one after the other.
int64_t HashOf(absl::string_view content) {
  uint64_t hash = 14695981039346656037u;
  for (const char byte : content) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  }
  return static_cast<int64_t>(hash);
}

}  // namespace

absl::Status CopyToQuarantine(sql::Database& database, uint64_t epoch,
                              const std::vector<QuarantinedRow>& rows, absl::Time now) {
  for (size_t done = 0; done < rows.size(); done += kRowsAtOnce) {
    const size_t end = std::min(rows.size(), done + kRowsAtOnce);
    DIEGO_RETURN_IF_ERROR(Annotate(database.Transact([&](sql::Transaction& tx) -> absl::Status {
      DIEGO_RETURN_IF_ERROR(CheckOffice(tx, epoch));
      const std::string insert = tx.dialect().InsertIfAbsent(Shape());
      for (size_t i = done; i < end; ++i) {
        const QuarantinedRow& row = rows[i];
        DIEGO_RETURN_IF_ERROR(
            tx.Execute(insert, {row.table, row.key, HashOf(row.content), absl::ToUnixNanos(now),
                                row.reason.ToString(), row.content})
                .status());
      }
      return absl::OkStatus();
    }),
                                   "copying rows to quarantine"));
  }
  return absl::OkStatus();
}

absl::Status ReadQuarantine(sql::Database& database,
                            absl::FunctionRef<absl::Status(const QuarantinedCopy&)> visit) {
  const absl::Status read = database.Read([&](sql::Transaction& tx) {
    return tx.Query(absl::StrCat("SELECT table_name, row_key, found_at, reason, content FROM ",
                                 kQuarantineTable, " ORDER BY table_name, row_key, found_at"),
                    {}, [&](const sql::Row& row) {
                      return visit({row.Text(0), row.Text(1), absl::FromUnixNanos(row.Int64(2)),
                                    row.Text(3), row.Text(4)});
                    });
  });
  return sql::KindOf(read) == sql::ErrorKind::kTableMissing ? absl::OkStatus() : read;
}

absl::StatusOr<int64_t> DropFromQuarantine(sql::Database& database, absl::string_view table,
                                           absl::string_view key) {
  int64_t dropped = 0;
  DIEGO_RETURN_IF_ERROR(database.Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(
        dropped, tx.Execute(absl::StrCat("DELETE FROM ", kQuarantineTable,
                                         " WHERE table_name = ? AND (row_key = ? OR ? = '')"),
                            {sql::Text(table), sql::Text(key), sql::Text(key)}));
    return absl::OkStatus();
  }));
  return dropped;
}

}  // namespace diego::bbs
