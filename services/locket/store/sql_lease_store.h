// SqlLeaseStore: leases in SQLite (one server) or in a MySQL-family database (several may share
// it).
//
// What keeps two servers apart on one key: the row of the lease, or when there is none the row of
// its fence, is read with a lock. A key that has neither row yet is written by plain INSERT, so the
// second of two racing servers is told "duplicate" and decides again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/sql/database.h"
#include "services/locket/engine/lease_store.h"

namespace diego::locket {

// Thread-safe.
class SqlLeaseStore final : public LeaseStore {
 public:
  // CreateTables() must have been run. `database` must outlive the store.
  explicit SqlLeaseStore(sql::Database& database) : database_(database) {}

  absl::Status Transact(const std::set<std::string>& keys, Decide decide) override;
  absl::StatusOr<std::vector<StoredLease>> Read(const std::set<std::string>& keys) override;
  absl::StatusOr<std::vector<StoredLease>> ReadAll() override;
  absl::StatusOr<std::vector<Lease>> Scan() override;
  bool HasLostItsTables(const absl::Status& status) const override;

 private:
  sql::Database& database_;
};

}  // namespace diego::locket
