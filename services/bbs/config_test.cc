#include "services/bbs/config.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/config/reader.h"
#include "libs/config/testing/values.h"
#include "services/bbs/core/command.h"

namespace diego::bbs {
namespace {

// A whole configuration; every file named is this program.
std::string Json(const std::string& more) {
  const std::string file = "\"/proc/self/exe\"";
  std::string json = "{\"uuid\": \"one\", \"auctioneer_address\": \"a:1,b:2\", ";
  for (const char* key : {"ca_file", "cert_file", "key_file", "locket_ca_cert_file",
                          "locket_client_cert_file", "locket_client_key_file"}) {
    absl::StrAppend(&json, "\"", key, "\": ", file, ", ");
  }
  absl::StrAppend(&json,
                  "\"database_driver\": \"sqlite\", \"database_connection_string\": \"bbs.db\", "
                  "\"active_key_label\": \"k\", \"encryption_keys\": {\"k\": \"p\"}",
                  more.empty() ? "" : ", ", more, "}");
  return json;
}

std::string FaultOf(const std::string& more) {
  const auto read = config::Read(BbsConfigTable(), Json(more));
  return read.ok() ? "" : std::string(read.status().message());
}

TEST_CASE("config: what is required is enough, and defaults are the reference's", "[bbs][config]") {
  auto read = config::Read(BbsConfigTable(), Json(""));
  INFO(read.status().ToString());
  REQUIRE(read.ok());
  CHECK(read->auctioneer_address.size() == 2);
  config::testing::CheckValues(BbsConfigTable(), &*read,
                               {{"listen_address", "0.0.0.0:8889"},
                                {"health_address", "127.0.0.1:8890"},
                                {"access_log_path", ""},
                                {"communication_timeout", "10s"},
                                {"converge_repeat_interval", "30s"},
                                {"kick_task_duration", "30s"},
                                {"expire_pending_task_duration", "30m0s"},
                                {"expire_completed_task_duration", "2m0s"},
                                {"max_task_retries", "3"},
                                {"task_callback_workers", "1000"},
                                {"lock_ttl", "15s"},
                                {"lock_retry_interval", "5s"},
                                {"locket_address", "locket.service.cf.internal:8891"},
                                {"locket_client_keepalive_time", "10"},
                                {"locket_client_keepalive_timeout", "22"},
                                {"max_open_database_connections", "200"},
                                {"db_connection_timeout", "10m0s"},
                                {"db_read_timeout", "10m0s"},
                                {"db_write_timeout", "10m0s"},
                                {"db_operation_timeout", "10s"},
                                {"sql_enable_identity_verification", "true"},
                                {"log_level", "info"},
                                {"time_format", "unix-epoch"},
                                {"max_data_string_length", "640"},
                                {"redact_secrets", "false"}});
  CHECK(BbsConfig().database.driver == "mysql");
  // Fixed: no key says it.
  CHECK(ConvergeSettings().stale_unclaimed == absl::Seconds(30));
}

TEST_CASE("config: keys of the original that mean nothing here are accepted", "[bbs][config]") {
  CHECK(FaultOf("\"listen_address\": \"0.0.0.0:8889\", \"convergence_workers\": 20, "
                "\"health_address\": \"127.0.0.1:8890\", \"debug_address\": \"127.0.0.1:17017\"")
            .empty());
}

TEST_CASE("config: auctioneers are given by URL, by gRPC address, or not at all", "[bbs][config]") {
  CHECK(FaultOf(R"("auctioneer_grpc_address": "a:9017,b:9017")").empty());
  const auto read = config::Read(BbsConfigTable(), Json(""),
                                 {{"auctioneer_address", "https://auctioneer.internal:9016"}});
  REQUIRE(read.ok());
  CHECK(read->auctioneer_address[0].ToString() == "auctioneer.internal:9016");
  CHECK(read->auctioneer_grpc_address.empty());
  const auto none = config::Read(BbsConfigTable(), Json(""), {{"auctioneer_address", ""}});
  CHECK_THAT(std::string(none.status().message()), Catch::Contains("auctioneer_grpc_address"));
}

TEST_CASE("config: faults name the key and the remedy", "[bbs][config]") {
  CHECK_THAT(FaultOf("\"locket_address\": \"\""), Catch::Contains("locket_address"));
  CHECK_THAT(FaultOf("\"converge_repeat_interval\": 30"),
             Catch::Contains("converge_repeat_interval"));
  CHECK_THAT(FaultOf("\"database_driver\": \"postgres\""),
             Catch::Contains("database_driver") && Catch::Contains("MySQL or MariaDB"));
  CHECK_THAT(FaultOf("\"sql_client_cert_file\": \"/proc/self/exe\""),
             Catch::Contains("give both or none"));
  CHECK_THAT(FaultOf("\"sql_client_cert_file\": \"/proc/self/exe\", \"sql_client_key_file\": "
                     "\"/proc/self/exe\""),
             Catch::Contains("sql_ca_cert_file"));
  CHECK_THAT(FaultOf("\"no_such_key\": 1"), Catch::Contains("no_such_key"));
  const auto unsaid =
      config::Read(BbsConfigTable(), Json(""), {{"encryption_keys", R"({"k": "p", "other": ""})"}});
  CHECK_THAT(std::string(unsaid.status().message()), Catch::Contains("\"other\""));
  const auto read = config::Read(BbsConfigTable(), Json(""), {{"active_key_label", "other"}});
  CHECK_THAT(std::string(read.status().message()), Catch::Contains("active_key_label"));
}

}  // namespace
}  // namespace diego::bbs
