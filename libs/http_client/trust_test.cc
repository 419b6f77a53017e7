// Whom a request trusts, on a system that trusts the server.
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/clock.h"
#include "libs/http/server.h"
#include "libs/http_client/request.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::http_client {
namespace {

constexpr char kSystemDirectory[] = "/etc/ssl/certs";

// A directory of CAs as OpenSSL and libcurl search it: each under a hash of its name.
class CaDirectory {
 public:
  explicit CaDirectory(const std::string& pem) {
    char name[] = "/tmp/diego-trust-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    REQUIRE(certificate != nullptr);
    const unsigned long hash = X509_subject_name_hash(certificate);
    X509_free(certificate);
    BIO_free(bio);
    std::ofstream(absl::StrFormat("%s/%08x.0", path_, hash)) << pem;
    std::ofstream(path_ + "/ca-certificates.crt") << pem;
  }
  ~CaDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The outcome where `directory` is the system's CAs. Only the thread that asks sees it so.
Outcome PerformWhere(const std::string& directory, const Request& request) {
  Guarded<std::optional<Outcome>> outcome;
  Worker worker("other-system", [&] {
    Outcome made = absl::InternalError("a mount that nobody else sees needs root");
    if (unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        mount(directory.c_str(), kSystemDirectory, nullptr, MS_BIND, nullptr) == 0) {
      made = Perform(request);
    }
    outcome.With([&](auto& value) { value = std::move(made); });
    return absl::InfiniteDuration();
  });
  return outcome.When([](const auto& value) { return value.has_value(); }, absl::Seconds(20),
                      [](auto& value, bool came) {
                        REQUIRE(came);
                        return *std::move(value);
                      });
}

TEST_CASE("http client: who names a CA trusts none of the system's", "[http_client]") {
  rpc::TestCertificates servers;
  auto server = http::Server::Start(
      {.address = "127.0.0.1:0", .tls = servers.For(rpc::Role::kBbs)},
      [](http::Request, http::Responder responder) { responder.Send({.body = "hello"}); });
  REQUIRE(server.ok());
  const CaDirectory system(servers.authority().certificate_pem());
  // Of another name: one of the same would hide the system's.
  const absl::Time now = RealClock().Now();
  const auto other =
      rpc::CertificateAuthority::Create("Other CA", now - absl::Hours(1), now + absl::Hours(1));
  REQUIRE(other.ok());
  const CaDirectory others(other->certificate_pem());
  const rpc::TlsFiles ours = servers.For(rpc::Role::kOperator);
  const auto ask = [&](const std::string& ca_file) {
    Request request;
    request.url = absl::StrCat("https://", (*server)->address());
    request.tls = {ca_file, ours.cert_file, ours.key_file};
    request.direct = true;
    return PerformWhere(system.path(), request).status();
  };
  CHECK(ask(ours.ca_file).ok());
  CHECK(absl::IsUnavailable(ask(others.path() + "/ca-certificates.crt")));
  // Who names none trusts the system's.
  CHECK(ask("").ok());
}

TEST_CASE("http client: knows where the system's CAs are", "[http_client]") {
  CHECK(std::filesystem::path(SystemCaFile()).parent_path() == kSystemDirectory);
}

}  // namespace
}  // namespace diego::http_client
