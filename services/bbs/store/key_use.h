// Which keys what is stored may be sealed with. The label row is the original's: all data is under
// that key. Beside it we note every other key as soon as it is the active one of whoever holds
// office, so that nobody takes over, in the middle of a change of keys, who could not read the rows
// that have been sealed anew already.
// Source: reference/sql-schema.md "Data-at-rest encoding"; reference/design-notes.md section 2.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/sql/database.h"

namespace diego::bbs {

// Our table, in additions.cc. A note counts while the label row is what it was when it was made;
// another one tells that all data has come under one key since, whoever did that.
inline constexpr char kSealingKeysTable[] = "sealing_keys";

// FailedPrecondition: "Existing encryption key version (X) is not among the known keys".
absl::Status CheckKeys(sql::Database& database, const crypto::KeyRing& keys);

// Whoever holds office and is about to write with the active key. On a database without rows all
// data is under it already.
absl::Status NoteActiveKey(sql::Database& database, uint64_t epoch, const crypto::KeyRing& keys);

// The label row names the active key, and no other was in use since. The row alone does not tell:
// it stays what it was while a change of keys goes on, also one that is called off half-way.
absl::StatusOr<bool> AllUnderActiveKey(sql::Database& database, const crypto::KeyRing& keys);

// FailedPrecondition, naming the keys, while a change of keys goes on: our notes must stay.
absl::Status CheckNoKeyChange(sql::Database& database);

// All data is under the active key: our notes go.
absl::Status WriteKeyLabel(sql::Transaction& tx, const crypto::KeyRing& keys);

}  // namespace diego::bbs
