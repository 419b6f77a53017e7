#include "services/locket/core/lease.h"

namespace diego::locket {

absl::string_view LeaseTypeName(LeaseType type) {
  switch (type) {
    case LeaseType::kUnknown: return "";
    case LeaseType::kLock: return "lock";
    case LeaseType::kPresence: return "presence";
  }
  return "";
}

LeaseType ParseLeaseType(absl::string_view name) {
  if (name == "lock") return LeaseType::kLock;
  if (name == "presence") return LeaseType::kPresence;
  return LeaseType::kUnknown;
}

void Apply(const LeaseChange& change, LeaseTable& table) {
  if (change.after) {
    table.leases[change.key] = *change.after;
  } else {
    table.leases.erase(change.key);
  }
  if (change.fence_after) table.fences[change.key] = *change.fence_after;
}

}  // namespace diego::locket
