// A certificate authority in a directory of its own, for tests that speak mutual TLS on 127.0.0.1.
// Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "libs/rpc/certificates.h"

namespace diego::rpc {

class TestCertificates {
 public:
  // What the CA files hold: a CA that signed itself, or only one that was issued by another.
  enum class Anchor { kRoot, kIntermediate };
  // Makes /tmp/diego-certificates-XXXXXX; the destructor removes it.
  explicit TestCertificates(Anchor anchor = Anchor::kRoot);
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  // Files of a fresh certificate, good for an hour, that names 127.0.0.1 and localhost.
  TlsFiles For(Role role, const std::string& cell_id = "");
  // The same, valid from an hour ago until `until`.
  TlsFiles Until(absl::Time until, Role role, const std::string& cell_id = "");
  // Overwrites the certificate and key in `files` with new ones.
  void Renew(const TlsFiles& files, Role role, const std::string& cell_id = "");
  // A channel to 127.0.0.1:`port` as `role`.
  std::shared_ptr<grpc::Channel> Channel(int port, Role role, const std::string& cell_id = "");

  const std::string& directory() const { return directory_; }
  const CertificateAuthority& authority() const { return *authority_; }

 private:
  KeyPair Issue(Role role, const std::string& cell_id, absl::Time not_after) const;

  std::string directory_;
  std::unique_ptr<CertificateAuthority> authority_;
  int issued_ = 0;
};

}  // namespace diego::rpc
