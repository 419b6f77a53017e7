#include "libs/rpc/identity.h"

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "grpc/grpc_security_constants.h"

namespace diego::rpc {
namespace {

constexpr absl::string_view kNames[] = {"none",          "bbs",    "auctioneer", "rep",
                                        "route-emitter", "locket", "operator"};
constexpr absl::string_view kRolePrefix = "diego:role:";
constexpr absl::string_view kCellPrefix = "diego:cell:";

bool IsHexPair(absl::string_view text, size_t at) {
  return at + 1 < text.size() && absl::ascii_isxdigit(text[at]) &&
         absl::ascii_isxdigit(text[at + 1]);
}

// The values of the organizational units of an RFC 2253 name such as "CN=a\,b,OU=x+OU=y".
std::vector<std::string> OrganizationalUnits(absl::string_view subject) {
  std::vector<std::string> units;
  std::string type;
  std::string value;
  std::string* part = &type;
  const auto finish = [&] {
    if (type == "OU") units.push_back(value);
    type.clear();
    value.clear();
    part = &type;
  };
  for (size_t i = 0; i < subject.size(); ++i) {
    const char c = subject[i];
    if (c == '\\' && IsHexPair(subject, i + 1)) {
      *part += absl::HexStringToBytes(subject.substr(i + 1, 2));
      i += 2;
    } else if (c == '\\' && i + 1 < subject.size()) {
      *part += subject[++i];
    } else if (c == ',' || c == '+') {
      finish();
    } else if (c == '=' && part == &type) {
      part = &value;
    } else {
      *part += c;
    }
  }
  finish();
  return units;
}

Role RoleOfSubject(absl::string_view subject) {
  std::optional<Role> found;
  for (const std::string& unit : OrganizationalUnits(subject)) {
    absl::string_view name = unit;
    if (!absl::ConsumePrefix(&name, kRolePrefix)) continue;
    if (found) return Role::kNone;
    found = ParseRole(name).value_or(Role::kNone);
  }
  return found.value_or(Role::kNone);
}

std::string First(const grpc::AuthContext& context, const char* property) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(property);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

}  // namespace

absl::string_view RoleName(Role role) { return kNames[static_cast<size_t>(role)]; }

std::optional<Role> ParseRole(absl::string_view name) {
  for (size_t i = 1; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

PeerIdentity IdentityOf(const grpc::AuthContext& context) {
  PeerIdentity identity;
  if (!context.IsPeerAuthenticated()) return identity;
  identity.common_name = First(context, GRPC_X509_CN_PROPERTY_NAME);
  identity.role = RoleOfSubject(First(context, GRPC_X509_SUBJECT_PROPERTY_NAME));
  if (identity.role != Role::kRep) return identity;
  for (const grpc::string_ref& uri : context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    absl::string_view name(uri.data(), uri.size());
    if (absl::ConsumePrefix(&name, kCellPrefix)) identity.cell_id = CellId(name);
  }
  return identity;
}

PeerIdentity IdentityOf(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  return auth ? IdentityOf(*auth) : PeerIdentity{};
}

absl::Status RequireRole(const PeerIdentity& peer, std::initializer_list<Role> allowed) {
  for (const Role role : allowed) {
    if (peer.role == role && role != Role::kNone) return absl::OkStatus();
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "certificate \"", peer.common_name, "\" has the role ", RoleName(peer.role),
      "; this call is for ", absl::StrJoin(allowed, ", ", [](std::string* out, Role role) {
        absl::StrAppend(out, RoleName(role));
      })));
}

absl::Status RequireRole(const grpc::ServerContextBase& context,
                         std::initializer_list<Role> allowed) {
  return RequireRole(IdentityOf(context), allowed);
}

absl::Status RequireCell(const PeerIdentity& peer, const CellId& cell_id) {
  if (peer.role != Role::kRep || (peer.cell_id == cell_id && !cell_id.empty())) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      absl::StrCat("certificate \"", peer.common_name, "\" is of cell \"", peer.cell_id.value(),
                   "\" and may not speak for cell \"", cell_id.value(), "\""));
}

}  // namespace diego::rpc
