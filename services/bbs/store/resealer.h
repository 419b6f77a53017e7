// Resealer: after a change of the active key, or one that was called off half-way, brings every
// stored payload under it, in the background, while this BBS serves.
// Source: reference/sql-schema.md "Data-at-rest encoding".
//
// It works on the rows' text and knows no records. Each of its transactions locks the leadership
// row at its own epoch first, as every batch does (docs/architecture.md, rule 2): so it stands
// between two batches, never overwrites a newer row, and a master that lost office writes nothing.
// Rows that are under the active key already are passed over, so it may be stopped at any point
// and begun again; the label row is written when all is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/crypto/key_ring.h"
#include "libs/log/log.h"
#include "libs/sql/database.h"

namespace diego::bbs {

struct ResealProgress {
  bool running = false;
  int64_t rows = 0;        // in all, counted at the beginning
  int64_t seen = 0;        // of these
  int64_t resealed = 0;    // of these
  int64_t unreadable = 0;  // of these: left as they are
  absl::Duration took;     // since it began
};

// One thread.
class Resealer {
 public:
  // All outlive it.
  Resealer(sql::Database* database, const crypto::KeyRing* keys, const Clock& clock,
           const log::Logger& log);

  // One look or one page, for the BBS that holds office at `epoch`; nullopt: it does not. Returns
  // how long to pause. Failures are logged and tried again.
  absl::Duration Step(std::optional<uint64_t> epoch);

  const ResealProgress& progress() const { return progress_; }

 private:
  absl::Status Begin();
  absl::StatusOr<bool> Page();
  absl::Status Finish();
  absl::StatusOr<absl::Duration> Go();

  sql::Database* const database_;
  const crypto::KeyRing* const keys_;
  const Clock& clock_;
  const log::Logger log_;

  std::optional<uint64_t> epoch_;  // that `done_` and the rest are about
  bool done_ = false;
  size_t table_ = 0;
  sql::Values after_;  // the last key seen of that table
  int64_t logged_at_rows_ = 0;
  absl::Duration began_at_;
  ResealProgress progress_;
};

}  // namespace diego::bbs
