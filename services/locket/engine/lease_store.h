// LeaseStore: the engine's port to durable leases. Several servers may share one store; what keeps
// their decisions apart is that a decision is made while the store holds its rows.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/locket/core/lease.h"

namespace diego::locket {

// What clients are told of a failure of the store: UNKNOWN with its text, as the original does,
// also when the database is away. Source: reference/locket-grpc-api.md "any".
inline absl::Status ToldToClients(const absl::Status& failure) {
  return absl::UnknownError(failure.message());
}

struct StoredLease {
  Lease lease;
  int64_t fencing_token = 0;
};

// Thread-safe. Errors are the store's own text; those for which HasLostItsTables() holds do not
// go away by trying again.
class LeaseStore {
 public:
  using Decide = absl::FunctionRef<std::vector<LeaseChange>(LeaseTable)>;

  virtual ~LeaseStore() = default;

  // One transaction: reads the rows of `keys` under their locks, asks `decide` for the changes (at
  // most one a key, keys from `keys`), and writes them. `decide` may be asked several times, when
  // another server was in the way or the connection broke; only the last answer counts. OK means
  // that it is durable; after an error it may or may not be.
  virtual absl::Status Transact(const std::set<std::string>& keys, Decide decide) = 0;

  // Committed rows of these keys, or of every key, ordered by key; those without owner too.
  virtual absl::StatusOr<std::vector<StoredLease>> Read(const std::set<std::string>& keys) = 0;
  virtual absl::StatusOr<std::vector<StoredLease>> ReadAll() = 0;

  // Every row with its value left empty: what expiry needs to know.
  virtual absl::StatusOr<std::vector<Lease>> Scan() = 0;

  virtual bool HasLostItsTables(const absl::Status& status) const = 0;
};

}  // namespace diego::locket
