// TLS to the database, with certificates of our own.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/config/reader.h"
#include "libs/rpc/certificates.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sql/configured.h"
#include "libs/sql/database.h"
#include "libs/testing/mariadb.h"

namespace diego::sql {
namespace {

std::string CipherOf(Database& database) {
  std::string cipher;
  const absl::Status read = database.Read([&](Transaction& tx) {
    return tx.Query("SHOW STATUS LIKE 'Ssl_cipher'", {}, [&](const Row& row) {
      cipher = row.Text(1);
      return absl::OkStatus();
    });
  });
  INFO(read);
  REQUIRE(read.ok());
  return cipher;
}

// As a service opens it: by its configuration.
std::unique_ptr<Database> Configured(const std::string& connection_string,
                                     const std::string& more_json) {
  const auto config =
      config::Read(DatabaseTable(),
                   absl::StrCat(R"({"database_driver": "mysql", "database_connection_string": ")",
                                connection_string, "\"", more_json, "}"));
  INFO(config.status());
  REQUIRE(config.ok());
  return *Database::Open(OptionsOf(*config, absl::ZeroDuration()));
}

std::string Key(absl::string_view key, absl::string_view text) {
  return absl::StrCat(", \"", key, "\": \"", text, "\"");
}

TEST_CASE("mariadb: TLS with a client certificate; another CA's server is refused",
          "[sql][mariadb]") {
  rpc::TestCertificates certificates;
  rpc::TestCertificates strangers;
  const rpc::TlsFiles server_files = certificates.For(rpc::Role::kLocket);
  const rpc::TlsFiles client_files = certificates.For(rpc::Role::kBbs);
  diego::testing::MariaDbOptions server_options;
  server_options.durable = false;
  server_options.extra_arguments = {absl::StrCat("--ssl-ca=", server_files.ca_file),
                                    absl::StrCat("--ssl-cert=", server_files.cert_file),
                                    absl::StrCat("--ssl-key=", server_files.key_file),
                                    "--require-secure-transport=ON"};
  const auto server = diego::testing::MariaDb::Start(server_options);
  INFO(server.status());
  REQUIRE(server.ok());
  REQUIRE((*server)->Administer("CREATE USER certified@'%' REQUIRE X509").ok());

  DatabaseOptions options;
  options.driver = "mysql";
  options.retry_pause = absl::ZeroDuration();
  options.connection_string = (*server)->ConnectionString("mysql");
  options.ca_file = client_files.ca_file;
  CHECK_FALSE(CipherOf(**Database::Open(options)).empty());

  options.connection_string =
      absl::StrCat("certified@tcp(127.0.0.1:", (*server)->port(), ")/information_schema");
  CHECK_FALSE((*Database::Open(options))->Ping().ok());
  options.cert_file = client_files.cert_file;
  options.key_file = client_files.key_file;
  CHECK_FALSE(CipherOf(**Database::Open(options)).empty());

  const std::string ca = Key("sql_ca_cert_file", client_files.ca_file);
  CHECK_FALSE(Configured(options.connection_string, ca)->Ping().ok());
  CHECK_FALSE(
      CipherOf(*Configured(options.connection_string,
                           absl::StrCat(ca, Key("sql_client_cert_file", client_files.cert_file),
                                        Key("sql_client_key_file", client_files.key_file))))
          .empty());

  options.ca_file = strangers.For(rpc::Role::kBbs).ca_file;
  const absl::Status refused = (*Database::Open(options))->Ping();
  INFO(refused);
  CHECK(KindOf(refused) == ErrorKind::kConnectionLost);
}

TEST_CASE("mariadb: a certificate of another host is taken only where its name is not asked for",
          "[sql][mariadb]") {
  rpc::TestCertificates certificates;
  rpc::TestCertificates strangers;
  rpc::CertificateRequest request;
  request.common_name = "database";
  request.hosts = {"database.example"};
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = request.not_before + absl::Hours(2);
  const auto pair = certificates.authority().Issue(request);
  REQUIRE(pair.ok());
  const auto files = rpc::SaveKeyPair(certificates.directory(), "database", *pair);
  REQUIRE(files.ok());
  diego::testing::MariaDbOptions server_options;
  server_options.durable = false;
  server_options.extra_arguments = {absl::StrCat("--ssl-cert=", files->cert_file),
                                    absl::StrCat("--ssl-key=", files->key_file)};
  const auto server = diego::testing::MariaDb::Start(server_options);
  INFO(server.status());
  REQUIRE(server.ok());

  DatabaseOptions options;
  options.driver = "mysql";
  options.retry_pause = absl::ZeroDuration();
  options.connection_string = (*server)->ConnectionString("mysql");
  options.ca_file = files->ca_file;
  CHECK_FALSE((*Database::Open(options))->Ping().ok());
  options.verify_host_name = false;
  CHECK_FALSE(CipherOf(**Database::Open(options)).empty());
  const std::string ca = Key("sql_ca_cert_file", files->ca_file);
  CHECK_FALSE(Configured(options.connection_string, ca)->Ping().ok());
  const std::string unasked = absl::StrCat(ca, ", \"sql_enable_identity_verification\": false");
  CHECK_FALSE(CipherOf(*Configured(options.connection_string, unasked)).empty());
  options.ca_file = strangers.For(rpc::Role::kBbs).ca_file;
  CHECK_FALSE((*Database::Open(options))->Ping().ok());
}

}  // namespace
}  // namespace diego::sql
