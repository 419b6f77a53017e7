// SqlStore: the engine's durable store over SQLite or MySQL.
//
// Start-up order of one term, by the process that won the lock:
//   1. Prepare(epoch)   takes office, checks the encryption keys, brings the schema up to date
//   2. Load(epoch)      reads every row
//   3. Commit, Confirm  until the term ends
// Source: engine/commit_store.h; reference/sql-schema.md; docs/architecture.md rules 2 and 6.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/crypto/key_ring.h"
#include "libs/log/log.h"
#include "libs/sql/database.h"
#include "services/bbs/engine/commit_store.h"
#include "services/bbs/store/migrator.h"
#include "services/bbs/store/quarantine.h"
#include "services/bbs/store/row_codec.h"

namespace diego::bbs {

// Used by one thread at a time.
class SqlStore final : public CommitStore {
 public:
  // `database` and `keys` outlive it. They may be shared with others.
  SqlStore(sql::Database* database, const crypto::KeyRing* keys, const log::Logger& log);

  struct PrepareOptions {
    // Asked before every step of a migration, which ends with its status when that is not OK (the
    // lock was lost). May be empty.
    sql::MayGoOn may_go_on = {};
    std::function<void(const MigrationProgress&)> progress = {};  // may be empty
  };
  // Takes office at `epoch`, checks the keys, migrates from whatever version the database stands at
  // and makes our additions. Safe to repeat after any failure or death.
  //
  // FailedPrecondition: it is for an operator to mend, and trying again is no use: "Existing DB
  // version (N) exceeds bbs version (M)", or "Existing encryption key version (X) is not among the
  // known keys". Aborted: the epoch is spent (a later one holds office, or this one has committed
  // in a former life of this process); try with a greater one. Other errors: try again.
  absl::Status Prepare(uint64_t epoch, const PrepareOptions& options);
  absl::Status Prepare(uint64_t epoch) { return Prepare(epoch, PrepareOptions()); }

  // For an operator, while no BBS serves: takes office at run.epoch and migrates, up or down. As
  // Prepare otherwise.
  absl::Status MigrateTo(const MigrationRun& run);

  absl::StatusOr<LoadedState> Load(uint64_t epoch) override;
  CommitReply Commit(const Fence& fence, const Changes& changes) override;
  CommitReply Confirm(uint64_t epoch) override;

  // Of the last Load. Copied to the quarantine (quarantine.h), too.
  const std::vector<QuarantinedRow>& quarantined() const { return quarantined_; }

 private:
  absl::Status Enter(uint64_t epoch);
  absl::Status TakeOffice(uint64_t epoch, uint64_t* revision);
  absl::Status MigrateSchema(uint64_t epoch, const PrepareOptions& options);
  CommitReply TryCommit(const Fence& fence, const Changes& changes);
  std::optional<size_t> FindRejected(const Fence& fence, const Changes& changes);

  sql::Database* const database_;
  const crypto::KeyRing* const keys_;
  const RowCodec codec_;
  const log::Logger log_;
  std::vector<QuarantinedRow> quarantined_;
};

}  // namespace diego::bbs
