#include "services/bbs/store/sql_store.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/sql/migrations.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/migrations/additions.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/row_batch.h"
#include "services/bbs/store/schema.h"
#include "services/bbs/store/table_reader.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {
namespace {

// Only whoever holds office may go on; asked inside the transaction that writes.
absl::Status CheckOffice(sql::Transaction& tx, uint64_t epoch) {
  DIEGO_ASSIGN_OR_RETURN(const Leadership found, ReadLeadership(tx, LookMode::kForUpdate));
  if (found.epoch == epoch) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("epoch ", found.epoch, " holds office, not ", epoch));
}

}  // namespace

SqlStore::SqlStore(sql::Database* database, const crypto::KeyRing* keys, const log::Logger& log)
    : database_(database), keys_(keys), codec_(keys), log_(log.Session("store")) {}

absl::Status SqlStore::Prepare(uint64_t epoch, std::function<absl::Status()> may_go_on) {
  DIEGO_RETURN_IF_ERROR(EnsureLeadershipRow(*database_));
  DIEGO_RETURN_IF_ERROR(TakeOffice(epoch, nullptr));
  DIEGO_RETURN_IF_ERROR(MigrateSchema(epoch, std::move(may_go_on)));
  return CheckKeyLabel();
}

absl::Status SqlStore::TakeOffice(uint64_t epoch, uint64_t* revision) {
  return Annotate(database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const Leadership found, TakeOfficeIn(tx, epoch));
    if (revision != nullptr) *revision = found.revision;
    return absl::OkStatus();
  }),
                  "taking office");
}

absl::Status SqlStore::MigrateSchema(uint64_t epoch, std::function<absl::Status()> may_go_on) {
  DIEGO_RETURN_IF_ERROR(EnsureConfigurations(*database_));
  sql::MigrationPlan plan;
  plan.migrations = SchemaHistory(&codec_);
  plan.may_go_on = may_go_on;
  plan.version = sql::VersionRecord{
      [](sql::Transaction& tx) -> absl::StatusOr<int64_t> {
        DIEGO_ASSIGN_OR_RETURN(const auto text, ReadConfiguration(tx, kVersionRow));
        if (!text) {
          DIEGO_RETURN_IF_ERROR(WriteConfiguration(tx, kVersionRow, VersionJson(0)));
          return 0;
        }
        DIEGO_ASSIGN_OR_RETURN(const StoredVersion stored, ParseVersion(*text));
        DIEGO_RETURN_IF_ERROR(MayRunOn(stored, SchemaVersion()));
        return stored.current;
      },
      [this, epoch](sql::Transaction& tx, int64_t version) -> absl::Status {
        DIEGO_RETURN_IF_ERROR(CheckOffice(tx, epoch));
        DIEGO_RETURN_IF_ERROR(WriteConfiguration(tx, kVersionRow, VersionJson(version)));
        log_.Info("migrated", {{"version", version}});
        return absl::OkStatus();
      }};
  DIEGO_RETURN_IF_ERROR(sql::Migrate(*database_, plan));
  return sql::Migrate(*database_, {{{1, Additions()}}, std::nullopt, std::move(may_go_on)});
}

absl::Status SqlStore::CheckKeyLabel() {
  return database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    if (label) {
      if (keys_->Knows(*label)) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat("Existing encryption key version (", *label,
                                                        ") is not among the known keys"));
    }
    // No label: what is stored may be sealed with any of the keys. Only where nothing is stored can
    // it be said already that all of it is under the active one.
    for (const sql::TableShape* table : {&DesiredLrpsTable(), &ActualLrpsTable(), &TasksTable()}) {
      bool any = false;
      DIEGO_RETURN_IF_ERROR(tx.Query(absl::StrCat("SELECT 1 FROM ", table->name, " LIMIT 1"), {},
                                     [&](const sql::Row&) {
                                       any = true;
                                       return absl::OkStatus();
                                     }));
      if (any) return absl::OkStatus();
    }
    return WriteConfiguration(tx, kKeyLabelRow, keys_->active_label());
  });
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
    if (row.table == DesiredLrpsTable().name) {
      loaded.unreadable_desired_lrps.emplace_back(row.key);
    }
  }
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
  if (is_open && report.ending == sql::Ending::kRolledBack &&
      sql::KindOf(report.status) == sql::ErrorKind::kTooLong) {
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
      if (sql::KindOf(written) == sql::ErrorKind::kTooLong) rejected = i;
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
