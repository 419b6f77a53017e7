// Whom downloads trust: real files, a real server with a certificate.
#include "services/rep/containers/transfer/ca_pool.h"

#include <fcntl.h>
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/http/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/transfer/http_client.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {
namespace {

constexpr char kDamaged[] =
    "-----BEGIN CERTIFICATE-----\nnot base 64!\n-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// A server of downloads with a CA of its own.
class Blobstore {
 public:
  Blobstore() {
    auto server = http::Server::Start(
        {.address = "127.0.0.1:0", .tls = certificates_.For(rpc::Role::kBbs)},
        [](http::Request, http::Responder responder) { responder.Send({.body = "a droplet"}); });
    INFO(server.status());
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  std::string ca_file() const { return certificates_.directory() + "/ca.crt"; }
  const std::string& ca() const { return certificates_.authority().certificate_pem(); }
  bool Trusts(const std::string& pool) {
    const rpc::TlsFiles ours = certificates_.For(rpc::Role::kRep, "cell-1");
    HttpOptions options;
    options.ca_certs_file = pool;
    options.client_cert_file = ours.cert_file;
    options.client_key_file = ours.key_file;
    const UniqueFd file(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    REQUIRE(file.valid());
    Cancellation never;
    const auto fetched = HttpClient(options).Get(absl::StrCat("https://", server_->address()), {},
                                                 file.get(), never);
    return fetched.ok() && fetched->bytes == 9;
  }

 private:
  rpc::TestCertificates certificates_;
  std::unique_ptr<http::Server> server_;
};

class Files {
 public:
  Files() {
    char name[] = "/tmp/diego-ca-pool-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    dir_ = name;
  }
  ~Files() { (void)RemoveTree(dir_); }
  std::string path(const std::string& name) const { return absl::StrCat(dir_, "/", name); }
  std::string With(const std::string& text) {
    const std::string file = path(absl::StrCat("file-", ++count_));
    REQUIRE(WriteWholeFile(file, text, 0600).ok());
    return file;
  }

 private:
  std::string dir_;
  int count_ = 0;
};

TEST_CASE("ca pool: the system's CAs and those of each file are trusted", "[rep][transfer]") {
  Files files;
  Blobstore of_system, of_tls, of_downloads, stranger;
  const std::string pool = files.path("pool");
  const absl::Status written =
      WriteCaPool(of_system.ca_file(), {of_tls.ca_file(), of_downloads.ca_file()}, pool);
  INFO(written);
  REQUIRE(written.ok());
  CHECK(of_system.Trusts(pool));
  CHECK(of_tls.Trusts(pool));
  CHECK(of_downloads.Trusts(pool));
  CHECK_FALSE(stranger.Trusts(pool));
}

TEST_CASE("ca pool: a file of white space, or none, adds nothing", "[rep][transfer]") {
  Files files;
  Blobstore of_system, stranger;
  const std::string pool = files.path("pool");
  const std::string blank = files.With(GENERATE("", "\n", " \t\r\n\n"));
  REQUIRE(WriteCaPool(of_system.ca_file(), {"", blank}, pool).ok());
  CHECK(of_system.Trusts(pool));
  CHECK_FALSE(stranger.Trusts(pool));
}

TEST_CASE("ca pool: a system without CAs adds nothing", "[rep][transfer]") {
  Files files;
  Blobstore blobstore;
  const std::string pool = files.path("pool");
  const std::string system = GENERATE("", "/no/such/file", "/etc/passwd", "/tmp");
  REQUIRE(WriteCaPool(system, {blobstore.ca_file()}, pool).ok());
  CHECK(blobstore.Trusts(pool));
  REQUIRE(WriteCaPool(system, {}, pool).ok());
  CHECK_FALSE(blobstore.Trusts(pool));
}

TEST_CASE("ca pool: certificates are found among other things", "[rep][transfer]") {
  Files files;
  Blobstore first, second;
  const std::string pool = files.path("pool");
  // Without a line break at its end, before a file that begins with a certificate.
  const std::string mixed = files.With(absl::StrCat(
      "# our CA\n", kDamaged, first.ca(), "-----BEGIN X-----\nAAAA\n-----END X-----\nthe end"));
  REQUIRE(WriteCaPool("", {mixed, second.ca_file()}, pool).ok());
  CHECK(first.Trusts(pool));
  CHECK(second.Trusts(pool));
}

TEST_CASE("ca pool: a file without any certificate is named", "[rep][transfer]") {
  Files files;
  const std::string file = files.With(GENERATE(as<std::string>{}, "ca", kDamaged));
  const absl::Status status = WriteCaPool("", {file}, files.path("pool"));
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Contains(file));
  CHECK(absl::IsInvalidArgument(WriteCaPool("", {"/no/such/file"}, files.path("pool"))));
}

}  // namespace
}  // namespace diego::rep
