// What Locket keeps: leases on keys, and for every key ever leased a fence whose token only grows.
// Source: reference/locket-grpc-api.md "Method semantics"; reference/sql-schema.md "Locket tables".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace diego::locket {

enum class LeaseType { kUnknown, kLock, kPresence };

// "lock", "presence"; "" for kUnknown. The text of the `type` column.
absl::string_view LeaseTypeName(LeaseType type);
// kUnknown for any other text: such a row can be fetched by its key but belongs to no list.
LeaseType ParseLeaseType(absl::string_view name);

// One row of `locks`. A row with an empty owner counts as free.
struct Lease {
  std::string key;
  std::string owner;
  std::string value;
  LeaseType type = LeaseType::kUnknown;
  int64_t modified_index = 0;  // 1 when granted, +1 for each refresh
  std::string modified_id;     // UUID v4, new for each grant
  int64_t ttl_seconds = 0;

  friend bool operator==(const Lease&, const Lease&) = default;
};

// The fencing counter of one key. It survives the lease, so that a token once given is never given
// again. `modified_id` names the grant that the token belongs to: a lease with another id was
// granted by a server that does not know of fences, and gets a token of its own when refreshed.
struct Fence {
  int64_t token = 0;
  std::string modified_id;

  friend bool operator==(const Fence&, const Fence&) = default;
};

// One key before and after a decision. `fence` is set only when the key's fence must be written.
struct LeaseChange {
  std::string key;
  std::optional<Lease> before;
  std::optional<Lease> after;
  std::optional<Fence> fence_before;
  std::optional<Fence> fence_after;

  friend bool operator==(const LeaseChange&, const LeaseChange&) = default;
};

// The rows a group of requests touches, as read under their row locks.
struct LeaseTable {
  std::map<std::string, Lease> leases;
  std::map<std::string, Fence> fences;
};

// Makes `table` show what the change decided; the only way a table alters.
void Apply(const LeaseChange& change, LeaseTable& table);

}  // namespace diego::locket
