#include "services/bbs/store/leadership.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

sql::Value Number(uint64_t number) { return static_cast<int64_t>(number); }

}  // namespace

absl::Status EnsureLeadershipRow(sql::Database& database) {
  const sql::TableShape table = {kLeadershipTable, {"id", "epoch", "batch", "revision"}, 1};
  return Annotate(database.Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_RETURN_IF_ERROR(tx.ExecuteOnce(
        absl::StrCat("CREATE TABLE IF NOT EXISTS ", kLeadershipTable,
                     " (id INT PRIMARY KEY, epoch BIGINT NOT NULL, batch BIGINT NOT NULL, "
                     "revision BIGINT NOT NULL)",
                     tx.dialect().TableOptions())));
    return tx
        .Execute(tx.dialect().InsertIfAbsent(table),
                 {int64_t{1}, int64_t{0}, int64_t{0}, int64_t{0}})
        .status();
  }),
                  "making the leadership row");
}

absl::StatusOr<Leadership> ReadLeadership(sql::Transaction& tx, LookMode mode) {
  Leadership found;
  bool there = false;
  const std::string query =
      absl::StrCat("SELECT epoch, batch, revision FROM leadership WHERE id = 1",
                   mode == LookMode::kForUpdate ? tx.dialect().ForUpdate() : absl::string_view());
  DIEGO_RETURN_IF_ERROR(tx.Query(query, {}, [&](const sql::Row& row) {
    there = true;
    found = {static_cast<uint64_t>(row.Int64(0)), static_cast<uint64_t>(row.Int64(1)),
             static_cast<uint64_t>(row.Int64(2))};
    return absl::OkStatus();
  }));
  if (!there) return absl::DataLossError("the leadership row is gone; it must never be deleted");
  return found;
}

absl::Status CheckOffice(sql::Transaction& tx, uint64_t epoch) {
  DIEGO_ASSIGN_OR_RETURN(const Leadership found, ReadLeadership(tx, LookMode::kForUpdate));
  if (found.epoch == epoch) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("epoch ", found.epoch, " holds office, not ", epoch));
}

absl::StatusOr<Leadership> TakeOfficeIn(sql::Transaction& tx, uint64_t epoch) {
  DIEGO_RETURN_IF_ERROR(
      tx.Execute("UPDATE leadership SET epoch = ?, batch = 0 WHERE id = 1 AND epoch < ?",
                 {Number(epoch), Number(epoch)})
          .status());
  DIEGO_ASSIGN_OR_RETURN(const Leadership found, ReadLeadership(tx, LookMode::kForUpdate));
  if (found.epoch == epoch && found.batch == 0) return found;
  return absl::AbortedError(absl::StrCat("cannot take office at epoch ", epoch, ": epoch ",
                                         found.epoch, " stands at batch ", found.batch));
}

absl::StatusOr<OpeningReply> OpenBatch(sql::Transaction& tx, const Fence& fence) {
  DIEGO_ASSIGN_OR_RETURN(
      const int64_t matched,
      tx.Execute("UPDATE leadership SET batch = ?, revision = revision + 1 "
                 "WHERE id = 1 AND epoch = ? AND batch = ?",
                 {Number(fence.batch), Number(fence.epoch), Number(fence.batch - 1)}));
  if (matched == 1) return OpeningReply{Opening::kWritten, {}};
  // Locks the row, so that this is what stands now and not an older snapshot.
  DIEGO_ASSIGN_OR_RETURN(const Leadership found, ReadLeadership(tx, LookMode::kForUpdate));
  const bool landed = found.epoch == fence.epoch && found.batch == fence.batch;
  return OpeningReply{landed ? Opening::kLandedBefore : Opening::kFenced, found};
}

}  // namespace diego::bbs
