// Who a peer is, by its certificate: the subject's organizational unit "diego:role:<role>" names
// its role, and for a rep the URI name "diego:cell:<cell id>" its cell. See docs/adr/ "Peer
// identity". All functions are thread-safe.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"
#include "libs/models/ids.h"

namespace diego::rpc {

// kNone: a certificate of our CA that names no role, or more than one.
enum class Role { kNone, kBbs, kAuctioneer, kRep, kRouteEmitter, kLocket, kOperator };

// "bbs", "auctioneer", "rep", "route-emitter", "locket", "operator"; "none".
absl::string_view RoleName(Role role);
// Nothing for "none" and for what is no role.
std::optional<Role> ParseRole(absl::string_view name);

struct PeerIdentity {
  Role role = Role::kNone;
  CellId cell_id;  // of reps only
  std::string common_name;

  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

// Works for sync and callback contexts.
PeerIdentity IdentityOf(const grpc::ServerContextBase& context);
PeerIdentity IdentityOf(const grpc::AuthContext& context);

// OK, or PERMISSION_DENIED that names the role seen and those allowed.
absl::Status RequireRole(const PeerIdentity& peer, std::initializer_list<Role> allowed);
absl::Status RequireRole(const grpc::ServerContextBase& context,
                         std::initializer_list<Role> allowed);

// A rep may speak for its own cell only; any other role for every cell. PERMISSION_DENIED names
// both cells.
absl::Status RequireCell(const PeerIdentity& peer, const CellId& cell_id);

}  // namespace diego::rpc
