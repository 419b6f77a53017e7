// Locket's whole decision: (leases, request) -> decision and change. Deterministic; new ids are
// drawn from the seed that comes with the request.
//
// No rule here looks at the time: a row carries only a TTL, and when it has run out is known to the
// servers that watched the row (expiry_watch.h). Expiry reaches the table as a request like any
// other, and holds only if the row is still the one that was watched.
// Source: reference/locket-grpc-api.md "Method semantics" and "Expiry".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "services/locket/core/lease.h"

namespace diego::locket {

// The widths of the columns that hold them, in characters.
inline constexpr int kMaxKeyCharacters = 255;
inline constexpr int kMaxOwnerCharacters = 255;
inline constexpr int kMaxValueCharacters = 4096;
// So that the tokens after it never run out.
inline constexpr int64_t kMaxMinFencingToken = int64_t{1} << 62;

// Takes the lease or refreshes it.
struct AcquireLease {
  std::string key;
  std::string owner;
  std::string value;
  LeaseType type = LeaseType::kUnknown;
  int64_t ttl_seconds = 0;
  // The token is at least this, whatever the fence says: the fence may be younger than the lock's
  // tokens, when the table was lost. A lease held with a smaller one goes on with this.
  int64_t min_fencing_token = 0;
};
struct ReleaseLease {
  std::string key;
  std::string owner;
};
// Removes the lease if it is exactly the one whose TTL was seen to run out.
struct ExpireLease {
  std::string key;
  std::string owner;
  std::string modified_id;
  int64_t modified_index = 0;
};
using LeaseRequest = std::variant<AcquireLease, ReleaseLease, ExpireLease>;

const std::string& KeyOf(const LeaseRequest& request);

struct Decision {
  enum class Kind { kRefused, kGranted, kRefreshed, kReleased, kExpired, kNothing };

  Kind kind = Kind::kNothing;
  // kRefused: why, with the reference's code and text. OK otherwise.
  absl::Status status;
  // Of the lease, when granted or refreshed.
  int64_t fencing_token = 0;
  // Set when rows must be written.
  std::optional<LeaseChange> change;
};

// What a request can be refused for without looking at any lease, in the reference's order: type
// (NotFound "invalid-type"), TTL (InvalidArgument "invalid-ttl"), owner (InvalidArgument
// "invalid-owner"); then what the original left to its database: texts wider than their column
// (Unknown, naming the column). Last, a least token out of bounds. An empty key is a key.
absl::Status Validate(const LeaseRequest& request);

// Decides one request that is valid. `seed` yields the id of a new grant.
Decision Decide(const LeaseTable& table, const LeaseRequest& request, uint64_t seed);

struct SeededRequest {
  LeaseRequest request;
  uint64_t seed = 0;
};
struct GroupDecision {
  std::vector<Decision> decisions;   // one a request, in order
  std::vector<LeaseChange> changes;  // one a key that must be written, ordered by key
};
// Decides requests one after another, each seeing what those before it came to, and folds their
// changes into one a key.
GroupDecision DecideGroup(LeaseTable table, const std::vector<SeededRequest>& requests);

}  // namespace diego::locket
