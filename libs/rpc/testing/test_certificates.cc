#include "libs/rpc/testing/test_certificates.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"

namespace diego::rpc {

namespace {

CertificateAuthority MakeAuthority(TestCertificates::Anchor anchor) {
  CertificateRequest request;
  request.common_name = "Test intermediate CA";
  request.not_before = RealClock().Now() - absl::Hours(2);
  request.not_after = request.not_before + absl::Hours(4);
  request.is_authority = true;
  absl::StatusOr<CertificateAuthority> authority =
      CertificateAuthority::Create("Test CA", request.not_before, request.not_after);
  DIEGO_CHECK(authority.ok()) << authority.status();
  if (anchor == TestCertificates::Anchor::kRoot) return *std::move(authority);
  absl::StatusOr<KeyPair> pair = authority->Issue(request);
  DIEGO_CHECK(pair.ok()) << pair.status();
  authority = CertificateAuthority::FromPem(*std::move(pair));
  DIEGO_CHECK(authority.ok()) << authority.status();
  return *std::move(authority);
}

}  // namespace

TestCertificates::TestCertificates(Anchor anchor) {
  char name[] = "/tmp/diego-certificates-XXXXXX";
  DIEGO_CHECK(mkdtemp(name) != nullptr) << "no directory for certificates";
  directory_ = name;
  authority_ = std::make_unique<CertificateAuthority>(MakeAuthority(anchor));
  DIEGO_CHECK(authority_->Save(directory_).ok()) << "saving the CA";
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

KeyPair TestCertificates::Issue(Role role, const std::string& cell_id, absl::Time not_after) const {
  CertificateRequest request;
  request.role = role;
  request.cell_id = CellId(cell_id);
  if (role == Role::kNone) request.common_name = "nobody";
  request.hosts = {"127.0.0.1", "localhost"};
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = not_after;
  absl::StatusOr<KeyPair> pair = authority_->Issue(request);
  DIEGO_CHECK(pair.ok()) << pair.status();
  return *std::move(pair);
}

TlsFiles TestCertificates::Until(absl::Time until, Role role, const std::string& cell_id) {
  const std::string name = absl::StrCat(RoleName(role), "-", ++issued_);
  absl::StatusOr<TlsFiles> files = SaveKeyPair(directory_, name, Issue(role, cell_id, until));
  DIEGO_CHECK(files.ok()) << files.status();
  return *files;
}

TlsFiles TestCertificates::For(Role role, const std::string& cell_id) {
  return Until(RealClock().Now() + absl::Hours(1), role, cell_id);
}

void TestCertificates::Renew(const TlsFiles& files, Role role, const std::string& cell_id) {
  const KeyPair pair = Issue(role, cell_id, RealClock().Now() + absl::Hours(1));
  DIEGO_CHECK(WriteFileAtomically(files.key_file, pair.key_pem, 0600).ok()) << files.key_file;
  DIEGO_CHECK(WriteFileAtomically(files.cert_file, pair.certificate_pem, 0644).ok())
      << files.cert_file;
}

std::shared_ptr<grpc::Channel> TestCertificates::Channel(int port, Role role,
                                                         const std::string& cell_id) {
  auto credentials = MakeChannelCredentials(For(role, cell_id));
  DIEGO_CHECK(credentials.ok()) << credentials.status();
  return MakeChannel(absl::StrCat("127.0.0.1:", port), *credentials);
}

}  // namespace diego::rpc
