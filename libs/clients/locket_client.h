// LocketClient: leases at Locket. Source: reference/locket-grpc-api.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/clients/connection.h"
#include "libs/models/cell.h"

namespace diego::clients {

enum class LeaseType { kLock = 1, kPresence = 2 };

struct Lease {
  std::string key;
  std::string owner;
  std::string value;  // at most 4096 characters
  LeaseType type = LeaseType::kLock;
  int64_t fencing_token = 0;  // only grows per key; 0 from a Locket that has none

  friend bool operator==(const Lease&, const Lease&) = default;
};

// The presence of a cell as it is kept in a lease's value, and back. FromValue: InvalidJSON.
std::string PresenceToValue(const CellPresence& presence);
absl::StatusOr<CellPresence> PresenceFromValue(absl::string_view value);

// Thread-safe; calls block for at most the connection's timeout.
class LocketClient {
 public:
  // InvalidArgument for the TLS files or for no address. Connects when first used.
  static absl::StatusOr<std::unique_ptr<LocketClient>> Create(const ConnectionOptions& options);
  ~LocketClient();

  // Takes or refreshes a lease (its fencing_token is not looked at) for `ttl`, whole seconds and
  // at least one; returns the fencing token, which is `least_token` or greater. AlreadyExists:
  // another owner has it.
  absl::StatusOr<int64_t> Lock(const Lease& lease, absl::Duration ttl, int64_t least_token = 0);
  // OK also when nobody has it. AlreadyExists: another owner has it.
  absl::Status Release(absl::string_view key, absl::string_view owner);
  // NotFound when nobody has it.
  absl::StatusOr<Lease> Fetch(absl::string_view key);
  absl::StatusOr<std::vector<Lease>> FetchAll(LeaseType type);

 private:
  struct Impl;
  explicit LocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::clients
