#include "libs/rpc/identity.h"

#include <openssl/x509v3.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "grpc/grpc_security_constants.h"
#include "libs/rpc/openssl.h"

namespace diego::rpc {
namespace {

constexpr absl::string_view kNames[] = {"none",          "bbs",    "auctioneer", "rep",
                                        "route-emitter", "locket", "operator",   "trusted"};
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

// Nothing when the subject names no role at all.
std::optional<Role> RoleOfSubject(absl::string_view subject) {
  std::optional<Role> found;
  for (const std::string& unit : OrganizationalUnits(subject)) {
    absl::string_view name = unit;
    if (!absl::ConsumePrefix(&name, kRolePrefix)) continue;
    if (found) return Role::kNone;
    found = ParseRole(name).value_or(Role::kNone);
  }
  return found;
}

PeerIdentity IdentityFrom(absl::string_view subject, std::string common_name,
                          const std::vector<std::string>& uris) {
  PeerIdentity identity;
  identity.common_name = std::move(common_name);
  const std::optional<Role> role = RoleOfSubject(subject);
  identity.without_role = !role.has_value();
  identity.role = role.value_or(Role::kNone);
  if (identity.role != Role::kRep) return identity;
  for (const absl::string_view uri : uris) {
    absl::string_view name = uri;
    if (absl::ConsumePrefix(&name, kCellPrefix)) identity.cell_id = CellId(name);
  }
  return identity;
}

std::string SubjectOf(const X509& certificate) {
  const BioPointer bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
  return TextOf(bio.get());
}

std::string CommonNameOf(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return "";
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return "";
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return name;
}

std::vector<std::string> UrisOf(const X509& certificate) {
  const std::unique_ptr<GENERAL_NAMES, OpenSslDelete<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> uris;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<size_t>(ASN1_STRING_length(text)));
  }
  return uris;
}

std::string First(const grpc::AuthContext& context, const char* property) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(property);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

}  // namespace

absl::string_view RoleName(Role role) { return kNames[static_cast<size_t>(role)]; }

std::optional<Role> ParseRole(absl::string_view name) {
  for (size_t i = 1; i < static_cast<size_t>(Role::kTrusted); ++i) {
    if (kNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

PeerIdentity IdentityOf(const grpc::AuthContext& context) {
  if (!context.IsPeerAuthenticated()) return {};
  std::vector<std::string> uris;
  for (const grpc::string_ref& uri : context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    uris.emplace_back(uri.data(), uri.size());
  }
  return IdentityFrom(First(context, GRPC_X509_SUBJECT_PROPERTY_NAME),
                      First(context, GRPC_X509_CN_PROPERTY_NAME), uris);
}

PeerIdentity IdentityOf(const x509_st& certificate) {
  return IdentityFrom(SubjectOf(certificate), CommonNameOf(certificate), UrisOf(certificate));
}

PeerIdentity IdentityOf(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  return auth ? IdentityOf(*auth) : PeerIdentity{};
}

absl::StatusOr<PeerRules> PeerRules::Make(absl::string_view peers_without_role,
                                          const std::string& own_certificate_file) {
  PeerRules rules;
  if (peers_without_role == "refuse") return rules;
  rules.trusts_without_role_ = true;
  if (peers_without_role == "trust") return rules;
  if (peers_without_role != "auto") {
    return absl::InvalidArgumentError(absl::StrCat("peers_without_role is \"", peers_without_role,
                                                   "\"; choose auto, trust or refuse"));
  }
  std::ifstream file(own_certificate_file);
  const std::string pem(std::istreambuf_iterator<char>(file), {});
  const CertificatePointer own = ParseCertificate(pem);
  if (own == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", own_certificate_file, "\" holds no certificate in PEM"));
  }
  rules.trusts_without_role_ = IdentityOf(*own).without_role;
  return rules;
}

PeerIdentity PeerRules::Judge(PeerIdentity peer) const {
  if (peer.without_role && trusts_without_role_) peer.role = Role::kTrusted;
  return peer;
}

absl::Status RequireRole(const PeerIdentity& peer, std::initializer_list<Role> allowed) {
  if (peer.role == Role::kTrusted) return absl::OkStatus();
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
