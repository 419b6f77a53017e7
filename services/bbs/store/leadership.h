// The leadership row: who may write, and how far they got. Every statement on it is here.
// Source: engine/commit_store.h; docs/architecture.md "Rules of the engine", rules 2 and 6.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/database.h"
#include "services/bbs/engine/commit_store.h"

namespace diego::bbs {

struct Leadership {
  uint64_t epoch = 0;
  uint64_t batch = 0;
  uint64_t revision = 0;
};

// Makes table and row if they are missing. Idempotent; safe from several processes at once.
absl::Status EnsureLeadershipRow(sql::Database& database);

// In a transaction: waits for writers and locks the row (kForUpdate), or only looks.
enum class LookMode { kForUpdate, kPlain };
absl::StatusOr<Leadership> ReadLeadership(sql::Transaction& tx, LookMode mode);

// Only whoever holds office may go on: locks the row, so that it stays so to the transaction's end.
// Aborted: another epoch holds it.
absl::Status CheckOffice(sql::Transaction& tx, uint64_t epoch);

// Moves the row to (epoch, 0). Aborted when a later epoch holds it, or this one has
// committed already. Finding it at (epoch, 0) is success.
absl::StatusOr<Leadership> TakeOfficeIn(sql::Transaction& tx, uint64_t epoch);

// Opens a batch's transaction. kWritten: the row moved, go on. kLandedBefore: this very batch is in
// the database. kFenced: neither is, nor ever will be.
enum class Opening { kWritten, kLandedBefore, kFenced };
struct OpeningReply {
  Opening opening = Opening::kFenced;
  Leadership found;  // unless written
};
absl::StatusOr<OpeningReply> OpenBatch(sql::Transaction& tx, const Fence& fence);

}  // namespace diego::bbs
