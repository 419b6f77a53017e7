// RowCodec: records to database rows and back, payloads sealed.
// Source: reference/sql-schema.md "BBS tables", "Data-at-rest encoding".
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/crypto/key_ring.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/task.h"
#include "libs/sql/row.h"
#include "libs/sql/value.h"
#include "services/bbs/core/change.h"

namespace diego::bbs {

// Values and columns are those of schema.h, in its order. Immutable; as thread-safe as the key
// ring. Reading fails with the reason and the column when a payload cannot be opened
// (FailedToOpenEnvelope) or makes no sense (Deserialize).
class RowCodec {
 public:
  // `keys` outlives it.
  explicit RowCodec(const crypto::KeyRing* keys) : keys_(keys) {}

  sql::Values ToRow(const DomainRecord& domain) const;
  sql::Values ToRow(const DesiredLrp& lrp) const;
  sql::Values ToRow(const ActualLrp& lrp) const;
  sql::Values ToRow(const Task& task) const;
  sql::Values ToRow(const AnsweredCall& answered) const;

  absl::StatusOr<DomainRecord> DomainFromRow(const sql::Row& row) const;
  absl::StatusOr<DesiredLrp> DesiredLrpFromRow(const sql::Row& row) const;
  absl::StatusOr<ActualLrp> ActualLrpFromRow(const sql::Row& row) const;
  absl::StatusOr<Task> TaskFromRow(const sql::Row& row) const;
  absl::StatusOr<AnsweredCall> AnsweredCallFromRow(const sql::Row& row) const;

  // What the columns that are not sealed say of a row that cannot be read as a whole: enough not to
  // lose sight of what may run. An instance keeps its holder, whose cell tells the rest anew when
  // it next compares; one in a state nobody knows counts as claimed by its holder, as unclaimed
  // without one. A task is worth it only while it runs. Fails when it is of no use.
  // Of a desired LRP only the rollout may be missing, which is ours: the original seals its own
  // columns anew when its key changes, and leaves this one under a key that may be taken away.
  absl::StatusOr<DesiredLrp> SalvageDesiredLrp(const sql::Row& row) const;
  absl::StatusOr<ActualLrp> SalvageActualLrp(const sql::Row& row) const;
  absl::StatusOr<Task> SalvageTask(const sql::Row& row) const;

  // The text of a column that holds a sealed message: two bytes of format and version before it.
  std::string SealProto(absl::string_view message_bytes) const;
  absl::StatusOr<std::string> OpenProto(absl::string_view column_text) const;
  // The text of a column that holds sealed JSON.
  std::string SealJson(absl::string_view json) const { return keys_->Encode(json); }
  // "" for an empty column.
  absl::StatusOr<std::string> OpenJson(absl::string_view column_text) const;

 private:
  absl::StatusOr<DesiredLrp> WithoutRollout(const sql::Row& row, std::string* rollout) const;

  const crypto::KeyRing* keys_;
};

}  // namespace diego::bbs
