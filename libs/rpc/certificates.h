// A small certificate authority: makes the certificates that identity.h reads. For tests, the demo
// and the operator's tool diego-certs. OpenSSL 3.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/tls.h"

namespace diego::rpc {

enum class KeyKind { kEcdsaP256, kRsa2048 };

struct CertificateRequest {
  Role role = Role::kNone;
  CellId cell_id;           // of reps; at most 255 bytes
  std::string common_name;  // default: the role, or the cell id; at most 64 bytes
  // Host names and IP addresses that a server is reached by.
  std::vector<std::string> hosts;
  absl::Time not_before;
  absl::Time not_after;
  KeyKind key_kind = KeyKind::kEcdsaP256;
  bool is_authority = false;  // may issue certificates itself, and is for nothing else
};

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

// Immutable; thread-safe.
class CertificateAuthority {
 public:
  static absl::StatusOr<CertificateAuthority> Create(const std::string& common_name,
                                                     absl::Time not_before, absl::Time not_after,
                                                     KeyKind key_kind = KeyKind::kEcdsaP256);
  static absl::StatusOr<CertificateAuthority> FromPem(KeyPair pem);
  // DIR/ca.crt and DIR/ca.key.
  static absl::StatusOr<CertificateAuthority> Load(const std::string& directory);
  absl::Status Save(const std::string& directory) const;

  const std::string& certificate_pem() const { return pem_.certificate_pem; }
  // InvalidArgument names the field at fault.
  absl::StatusOr<KeyPair> Issue(const CertificateRequest& request) const;

 private:
  explicit CertificateAuthority(KeyPair pem) : pem_(std::move(pem)) {}
  KeyPair pem_;
};

// Writes DIR/<name>.crt and DIR/<name>.key (mode 0600), each by rename, and returns their paths
// with DIR/ca.crt.
absl::StatusOr<TlsFiles> SaveKeyPair(const std::string& directory, const std::string& name,
                                     const KeyPair& pair);

// Replaces `path` in one step with `text`, of file mode `mode`.
absl::Status WriteFileAtomically(const std::string& path, const std::string& text, int mode);

}  // namespace diego::rpc
