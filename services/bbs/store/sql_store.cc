#include "services/bbs/store/sql_store.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/additions.h"
#include "services/bbs/store/key_use.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/migrator.h"
#include "services/bbs/store/row_batch.h"
#include "services/bbs/store/schema.h"
#include "services/bbs/store/table_reader.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {
namespace {

// Whether the database says no to the rows themselves: it would the next time, too.
bool IsRefusal(const absl::Status& status) {
  const sql::ErrorKind kind = sql::KindOf(status);
  return kind == sql::ErrorKind::kTooLong || kind == sql::ErrorKind::kTableMissing;
}

}  // namespace

SqlStore::SqlStore(sql::Database* database, const crypto::KeyRing* keys, const log::Logger& log)
    : database_(database), keys_(keys), codec_(keys), log_(log.Session("store")) {}

absl::Status SqlStore::Enter(uint64_t epoch) {
  DIEGO_RETURN_IF_ERROR(EnsureLeadershipRow(*database_));
  DIEGO_RETURN_IF_ERROR(TakeOffice(epoch, nullptr));
  DIEGO_RETURN_IF_ERROR(EnsureConfigurations(*database_));
  // In office, and before anything is altered.
  return CheckKeys(*database_, *keys_);
}

absl::Status SqlStore::Prepare(uint64_t epoch, const PrepareOptions& options) {
  // A database that is not ours to touch stays as it is, to the last row.
  DIEGO_ASSIGN_OR_RETURN(const auto found, Migrator(database_, &codec_, log_).Stored());
  DIEGO_RETURN_IF_ERROR(MayRunOn(found, SchemaVersion()));
  DIEGO_RETURN_IF_ERROR(CheckKeys(*database_, *keys_));
  DIEGO_RETURN_IF_ERROR(Enter(epoch));
  DIEGO_RETURN_IF_ERROR(MigrateSchema(epoch, options));
  DIEGO_RETURN_IF_ERROR(EnsureAdditions(*database_, OurAdditions(), options.may_go_on));
  return NoteActiveKey(*database_, epoch, *keys_);
}

absl::Status SqlStore::MigrateTo(const MigrationRun& run) {
  Migrator migrator(database_, &codec_, log_);
  DIEGO_RETURN_IF_ERROR(migrator.Describe(run.to, run.drop_additions).status());
  DIEGO_RETURN_IF_ERROR(Enter(run.epoch));
  if (migrator.DropsAdditions(run.to, run.drop_additions)) {
    DIEGO_RETURN_IF_ERROR(CheckNoKeyChange(*database_));
  }
  return migrator.Run(run);
}

absl::Status SqlStore::TakeOffice(uint64_t epoch, uint64_t* revision) {
  return Annotate(database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const Leadership found, TakeOfficeIn(tx, epoch));
    if (revision != nullptr) *revision = found.revision;
    return absl::OkStatus();
  }),
                  "taking office");
}

absl::Status SqlStore::MigrateSchema(uint64_t epoch, const PrepareOptions& options) {
  Migrator migrator(database_, &codec_, log_);
  DIEGO_ASSIGN_OR_RETURN(const std::optional<StoredVersion> stored, migrator.Stored());
  DIEGO_RETURN_IF_ERROR(MayRunOn(stored, SchemaVersion()));
  if (ActionFor(stored, SchemaVersion()) == VersionAction::kServe) return absl::OkStatus();
  MigrationRun run;
  run.epoch = epoch;
  run.to = SchemaVersion();
  run.may_go_on = options.may_go_on;
  run.progress = options.progress;
  return migrator.Run(run);
}

absl::StatusOr<LoadedState> SqlStore::Load(uint64_t epoch) {
  LoadedState loaded;
  DIEGO_RETURN_IF_ERROR(TakeOffice(epoch, &loaded.revision));
  quarantined_.clear();
  TableReader reader(database_, &codec_, &loaded.rows, &quarantined_);
  DIEGO_RETURN_IF_ERROR(Annotate(reader.ReadAll(), absl::StrCat("loading at epoch ", epoch)));
  for (const QuarantinedRow& row : quarantined_) {
    log_.Error("row-quarantined", row.reason,
               {{"table", row.table}, {"key", row.key}, {"salvaged", row.salvaged}});
    if (row.table == DesiredLrpsTable().name && !row.salvaged) {
      loaded.unreadable_desired_lrps.emplace_back(row.key);
    }
  }
  // The rows are there all the same; a copy only matters once they are overwritten.
  const absl::Status copied = CopyToQuarantine(*database_, epoch, quarantined_, RealClock().Now());
  if (!copied.ok()) log_.Error("failed-to-copy-to-quarantine", copied);
  return loaded;
}

CommitReply SqlStore::Commit(const Fence& fence, const Changes& changes) {
  for (int tries = 1;; ++tries) {
    CommitReply reply = TryCommit(fence, changes);
    const bool settled = reply.result != CommitResult::kUnknown;
    if (settled || !sql::IsRetryable(reply.detail) || tries >= database_->options().max_tries) {
      return reply;
    }
    // The same batch again: the row tells whether an unsure try landed.
    database_->PauseBeforeRetry();
  }
}

CommitReply SqlStore::TryCommit(const Fence& fence, const Changes& changes) {
  // Sealed before the transaction begins, which holds the leadership row to its end.
  RowBatch batch(changes, codec_);
  OpeningReply opened{Opening::kWritten, {}};
  bool is_open = false;
  const sql::TransactionReport report =
      database_->TransactOnce([&](sql::Transaction& tx) -> absl::Status {
        DIEGO_ASSIGN_OR_RETURN(opened, OpenBatch(tx, fence));
        is_open = opened.opening == Opening::kWritten;
        if (opened.opening == Opening::kWritten) return std::move(batch).Write(tx);
        return absl::FailedPreconditionError(
            absl::StrCat("epoch ", opened.found.epoch, " stands at batch ", opened.found.batch));
      });
  if (report.ending == sql::Ending::kCommitted || opened.opening == Opening::kLandedBefore) {
    return {CommitResult::kCommitted, absl::OkStatus()};
  }
  // The row's lock was ours, so that no earlier try of the batch can still land.
  if (is_open && report.ending == sql::Ending::kRolledBack && IsRefusal(report.status)) {
    return {CommitResult::kRejected, report.status, FindRejected(fence, changes)};
  }
  const bool fenced = opened.opening == Opening::kFenced;
  return {fenced ? CommitResult::kFenced : CommitResult::kUnknown, report.status};
}

// Writes the changes one by one, in a transaction that is rolled back, until one is refused.
std::optional<size_t> SqlStore::FindRejected(const Fence& fence, const Changes& changes) {
  std::optional<size_t> rejected;
  database_->TransactOnce([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const OpeningReply opened, OpenBatch(tx, fence));
    for (size_t i = 0; opened.opening == Opening::kWritten && i < changes.size(); ++i) {
      const absl::Status written = RowBatch({changes[i]}, codec_).Write(tx);
      if (IsRefusal(written)) rejected = i;
      DIEGO_RETURN_IF_ERROR(written);
    }
    return absl::CancelledError("only a look");
  });
  return rejected;
}

CommitReply SqlStore::Confirm(uint64_t epoch) {
  Leadership found;
  const absl::Status read = database_->Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(found, ReadLeadership(tx, LookMode::kPlain));
    return absl::OkStatus();
  });
  if (!read.ok()) return {CommitResult::kUnknown, read};
  if (found.epoch == epoch) return {CommitResult::kCommitted, absl::OkStatus()};
  return {CommitResult::kFenced,
          absl::FailedPreconditionError(absl::StrCat("epoch ", found.epoch, " holds office")),
          std::nullopt, found.epoch};
}

}  // namespace diego::bbs
