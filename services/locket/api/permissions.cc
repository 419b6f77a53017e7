#include "services/locket/api/permissions.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace diego::locket {
namespace {

using rpc::Role;

struct LockOfRole {
  Role role;
  absl::string_view key;
};
constexpr LockOfRole kLocks[] = {
    {Role::kBbs, "bbs"}, {Role::kAuctioneer, "auctioneer"}, {Role::kRouteEmitter, "route_emitter"}};

absl::Status Denied(const rpc::PeerIdentity& peer, const std::string& key,
                    absl::string_view allowed) {
  return absl::PermissionDeniedError(absl::StrCat("role ", rpc::RoleName(peer.role),
                                                  " may not hold \"", key, "\", only ", allowed));
}

}  // namespace

absl::Status MayHold(const rpc::PeerIdentity& peer, const std::string& key, LeaseType type) {
  if (peer.role == Role::kOperator || peer.role == Role::kTrusted) return absl::OkStatus();
  if (peer.role == Role::kRep) {
    if (type != LeaseType::kLock && key == peer.cell_id.value()) return absl::OkStatus();
    return Denied(peer, key, absl::StrCat("the presence \"", peer.cell_id.value(), "\""));
  }
  for (const LockOfRole& lock : kLocks) {
    if (peer.role != lock.role) continue;
    if (type != LeaseType::kPresence && key == lock.key) return absl::OkStatus();
    return Denied(peer, key, absl::StrCat("the lock \"", lock.key, "\""));
  }
  return absl::PermissionDeniedError(
      absl::StrCat("role ", rpc::RoleName(peer.role), " may not hold leases"));
}

absl::Status MayRead(const rpc::PeerIdentity& peer) {
  return rpc::RequireRole(peer, {Role::kBbs, Role::kAuctioneer, Role::kRep, Role::kRouteEmitter,
                                 Role::kLocket, Role::kOperator});
}

}  // namespace diego::locket
