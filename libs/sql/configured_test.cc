#include "libs/sql/configured.h"

#include <catch2/catch.hpp>
#include <limits>

#include "libs/config/reader.h"

namespace diego::sql {
namespace {

DatabaseOptions Of(const DatabaseConfig& config) {
  return OptionsOf(config, absl::Milliseconds(50));
}

TEST_CASE("database options: no statement takes longer than an operation may", "[sql]") {
  DatabaseConfig config;
  CHECK(Of(config).connect_timeout == absl::Seconds(10));
  config.read_timeout = absl::Seconds(3);
  config.write_timeout = absl::ZeroDuration();
  config.operation_timeout = absl::Seconds(5);
  CHECK(Of(config).connect_timeout == absl::Seconds(5));
  CHECK(Of(config).read_timeout == absl::Seconds(3));
  CHECK(Of(config).write_timeout == absl::Seconds(5));
  config.operation_timeout = absl::ZeroDuration();
  CHECK(Of(config).write_timeout == absl::Seconds(10));
}

TEST_CASE("database options: no number of connections, or one below, is no limit", "[sql]") {
  DatabaseConfig config;
  CHECK(Of(config).max_open_connections == 200);
  for (const int none : {0, -1}) {
    config.max_open_connections = none;
    CHECK(Of(config).max_open_connections == std::numeric_limits<int>::max());
  }
}

TEST_CASE("database options: the keys of TLS come through, each as itself", "[sql]") {
  CHECK(Of({}).ca_file.empty());
  CHECK(Of({}).cert_file.empty());
  CHECK(Of({}).key_file.empty());
  CHECK(Of({}).verify_host_name);
  DatabaseConfig config;
  config.driver = "sqlite";
  config.connection_string = "bbs.db";
  config.ca_cert_file = "ca.crt";
  config.client_cert_file = "client.crt";
  config.client_key_file = "client.key";
  config.enable_identity_verification = false;
  const DatabaseOptions options = Of(config);
  CHECK(options.driver == "sqlite");
  CHECK(options.connection_string == "bbs.db");
  CHECK(options.ca_file == "ca.crt");
  CHECK(options.cert_file == "client.crt");
  CHECK(options.key_file == "client.key");
  CHECK_FALSE(options.verify_host_name);
  CHECK(options.retry_pause == absl::Milliseconds(50));
}

TEST_CASE("database options: a connection string that cannot be is a fault, without its password",
          "[sql]") {
  const auto fault = [](const std::string& driver, const std::string& string) {
    const auto read = config::Read(
        DatabaseTable(), "", {{"database_driver", driver}, {"database_connection_string", string}});
    return read.ok() ? "" : std::string(read.status().message());
  };
  CHECK(fault("mysql", "u:p@tcp(h:3306)/diego?parseTime=true").empty());
  CHECK(fault("mysql", "tcp(h:3306)/diego").empty());
  CHECK(fault("mysql", "/diego").empty());
  CHECK(fault("sqlite", "bbs.db").empty());
  for (const char* bad : {"bbs.db", "u:secret@tcp(h:99999)/diego", "u:secret@tcp(h:3306)/"}) {
    const std::string text = fault("mysql", bad);
    INFO(text);
    CHECK_THAT(text, Catch::Contains("database_connection_string"));
    CHECK_THAT(text, !Catch::Contains("secret"));
  }
}

}  // namespace
}  // namespace diego::sql
