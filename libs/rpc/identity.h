// Who a peer is, by its certificate: the subject's organizational unit "diego:role:<role>" names
// its role, and for a rep the URI name "diego:cell:<cell id>" its cell. See docs/adr/ "Peer
// identity". All functions are thread-safe.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"
#include "libs/models/ids.h"

struct x509_st;  // OpenSSL's X509

namespace diego::rpc {

// kNone: a certificate of our CA that names no role, or more than one. kTrusted: one that names
// none, where PeerRules let it make every call; no certificate can name it.
enum class Role { kNone, kBbs, kAuctioneer, kRep, kRouteEmitter, kLocket, kOperator, kTrusted };

// "bbs", "auctioneer", "rep", "route-emitter", "locket", "operator"; "none",
// "trusted".
absl::string_view RoleName(Role role);
// Nothing for "none", "trusted" and for what is no role.
std::optional<Role> ParseRole(absl::string_view name);

struct PeerIdentity {
  Role role = Role::kNone;
  CellId cell_id;  // of reps only
  std::string common_name;
  // The certificate says nothing of a role, as those of the original's components do.
  bool without_role = false;

  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

// Works for sync and callback contexts.
PeerIdentity IdentityOf(const grpc::ServerContextBase& context);
PeerIdentity IdentityOf(const grpc::AuthContext& context);
// For peers that do not come by gRPC; `certificate` is one that TLS has verified.
PeerIdentity IdentityOf(const x509_st& certificate);

// Who counts as whom, for one server. The components of the original carry certificates that name
// no role, and any certificate of the CA may make every call there. See docs/adr/0009. Immutable;
// thread-safe.
class PeerRules {
 public:
  // Peers without a role are refused everything.
  PeerRules() = default;
  // `peers_without_role`, as configured: "refuse"; "trust", to let them make every call; "auto", to
  // trust them if and only if the certificate in `own_certificate_file`, the server's own, names no
  // role either: then the CA gives out none. InvalidArgument: another word, or an unreadable file.
  static absl::StatusOr<PeerRules> Make(absl::string_view peers_without_role,
                                        const std::string& own_certificate_file);

  bool trusts_without_role() const { return trusts_without_role_; }
  // kNone without a role becomes kTrusted where those are trusted; all others stay who they are.
  PeerIdentity Judge(PeerIdentity peer) const;
  PeerIdentity Of(const grpc::ServerContextBase& context) const {
    return Judge(IdentityOf(context));
  }

 private:
  bool trusts_without_role_ = false;
};

// OK, or PERMISSION_DENIED that names the role seen and those allowed. kTrusted is always OK.
absl::Status RequireRole(const PeerIdentity& peer, std::initializer_list<Role> allowed);
absl::Status RequireRole(const grpc::ServerContextBase& context,
                         std::initializer_list<Role> allowed);

// A rep may speak for its own cell only; any other role for every cell. PERMISSION_DENIED names
// both cells.
absl::Status RequireCell(const PeerIdentity& peer, const CellId& cell_id);

}  // namespace diego::rpc
