#include "libs/rpc/certificates.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "libs/base/clock.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::rpc {
namespace {

CertificateRequest RepRequest() {
  CertificateRequest request;
  request.role = Role::kRep;
  request.cell_id = CellId("cell-1");
  request.hosts = {"cell-1.internal", "10.0.0.1", "::1"};
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = RealClock().Now() + absl::Hours(1);
  return request;
}

bool Contains(const absl::Status& status, const std::string& text) {
  INFO(status);
  return std::string(status.message()).find(text) != std::string::npos;
}

TEST_CASE("certificates: a saved CA issues what it issued before, with private keys for us alone",
          "[rpc]") {
  TestCertificates certificates;
  const auto loaded = CertificateAuthority::Load(certificates.directory());
  REQUIRE(loaded.ok());
  CHECK(loaded->certificate_pem() == certificates.authority().certificate_pem());
  const KeyKind kind = GENERATE(KeyKind::kEcdsaP256, KeyKind::kRsa2048);
  CertificateRequest request = RepRequest();
  request.key_kind = kind;
  const auto pair = loaded->Issue(request);
  REQUIRE(pair.ok());
  const auto files = SaveKeyPair(certificates.directory(), "rep", *pair);
  REQUIRE(files.ok());
  CHECK(CheckTlsFiles(*files, RealClock().Now()).ok());
  struct stat info {};
  REQUIRE(stat(files->key_file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("certificates: a bad request is refused with the field at fault", "[rpc]") {
  TestCertificates certificates;
  using Change = void (*)(CertificateRequest*);
  const auto [change, expected] = GENERATE(table<Change, std::string>({
      {[](CertificateRequest* r) { r->cell_id = CellId(""); }, "needs its cell id"},
      {[](CertificateRequest* r) { r->role = Role::kBbs; }, "only a certificate for a rep"},
      {[](CertificateRequest* r) { r->cell_id = CellId("a,URI:b"); }, "cell id \"a,URI:b\""},
      {[](CertificateRequest* r) { r->cell_id = CellId(std::string(256, 'x')); }, "255"},
      {[](CertificateRequest* r) { r->hosts = {"a,DNS:b"}; }, "host \"a,DNS:b\""},
      {[](CertificateRequest* r) { r->hosts = {""}; }, "host \"\""},
      {[](CertificateRequest* r) { r->common_name = std::string(65, 'x'); }, "CN"},
      {[](CertificateRequest* r) { r->not_after = r->not_before; }, "not_after"},
  }));
  CertificateRequest request = RepRequest();
  change(&request);
  const auto pair = certificates.authority().Issue(request);
  REQUIRE_FALSE(pair.ok());
  CHECK(Contains(pair.status(), expected));
}

TEST_CASE("tls: every fault of the three files is told at once", "[rpc]") {
  TestCertificates certificates;
  const absl::Time now = RealClock().Now();
  const TlsFiles good = certificates.For(Role::kBbs);
  const TlsFiles other = certificates.For(Role::kBbs);
  CHECK(CheckTlsFiles(good, now).ok());
  CHECK(Contains(CheckTlsFiles({good.ca_file, good.cert_file, other.key_file}, now),
                 "does not belong to certificate file"));
  CHECK(Contains(CheckTlsFiles(good, now + absl::Hours(1.5)), "expired at"));
  CHECK(Contains(CheckTlsFiles(good, now - absl::Hours(1.5)), "is valid only from"));
  CHECK(Contains(CheckTlsFiles({good.key_file, good.cert_file, good.key_file}, now),
                 "holds no PEM certificate"));
  // Of several CAs one has to be valid.
  const auto made = [&](absl::Duration from) {
    return CertificateAuthority::Create("Other CA", now + from, now + from + absl::Hours(1))
        ->certificate_pem();
  };
  const std::string past = made(-absl::Hours(3));
  const std::string coming = made(absl::Hours(1));
  const std::string several = certificates.directory() + "/several.crt";
  REQUIRE(WriteFileAtomically(several, past + coming, 0644).ok());
  CHECK(Contains(CheckTlsFiles({several, good.cert_file, good.key_file}, now), several));
  REQUIRE(
      WriteFileAtomically(several, past + certificates.authority().certificate_pem(), 0644).ok());
  CHECK(CheckTlsFiles({several, good.cert_file, good.key_file}, now).ok());
  const absl::Status all = CheckTlsFiles({"/no/ca", "/no/cert", ""}, now);
  CHECK(Contains(all, "\"/no/ca\" is missing"));
  CHECK(Contains(all, "\"/no/cert\" is missing"));
  CHECK(Contains(all, "no key file is given"));
}

}  // namespace
}  // namespace diego::rpc
