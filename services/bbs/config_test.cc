#include "services/bbs/config.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/config/reader.h"
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
  const auto read = config::Read(BbsConfigTable(), Json(""));
  INFO(read.status().ToString());
  REQUIRE(read.ok());
  const BbsConfig& c = *read;
  CHECK(c.auctioneer_address.size() == 2);
  struct DurationRow {
    const char* key;
    absl::Duration got;
    absl::Duration reference;
  };
  const DurationRow durations[] = {
      {"communication_timeout", c.communication_timeout, absl::Seconds(10)},
      {"converge_repeat_interval", c.converge_repeat_interval, absl::Seconds(30)},
      {"kick_task_duration", c.kick_task_duration, absl::Seconds(30)},
      {"expire_pending_task_duration", c.expire_pending_task_duration, absl::Seconds(1800)},
      {"expire_completed_task_duration", c.expire_completed_task_duration, absl::Seconds(120)},
      {"db_connection_timeout", c.db_connection_timeout, absl::Minutes(10)},
      {"db_read_timeout", c.db_read_timeout, absl::Minutes(10)},
      {"db_write_timeout", c.db_write_timeout, absl::Minutes(10)},
      {"lock_ttl", c.lock_ttl, absl::Seconds(15)},
      {"lock_retry_interval", c.lock_retry_interval, absl::Seconds(5)},
      // Fixed: no key says them.
      {"stale unclaimed", ConvergeSettings().stale_unclaimed, absl::Seconds(30)},
  };
  for (const DurationRow& row : durations) {
    INFO(row.key);
    CHECK(row.got == row.reference);
  }
  struct NumberRow {
    const char* key;
    int64_t got;
    int64_t reference;
  };
  const NumberRow numbers[] = {
      {"max_task_retries", c.max_task_retries, 3},
      {"max_open_database_connections", c.max_open_database_connections, 200},
      {"task_callback_workers", c.task_callback_workers, 1000},
      {"locket_client_keepalive_time", c.locket.keepalive_time_seconds, 10},
      {"locket_client_keepalive_timeout", c.locket.keepalive_timeout_seconds, 22},
      {"max_data_string_length", c.logging.max_data_string_length, 640},
      {"redact_secrets", c.logging.redact_secrets, 0},
  };
  for (const NumberRow& row : numbers) {
    INFO(row.key);
    CHECK(row.got == row.reference);
  }
  struct TextRow {
    const char* key;
    std::string got;
    const char* reference;
  };
  REQUIRE(c.locket.addresses.size() == 1);
  const TextRow texts[] = {
      {"listen_address", c.listen_address.ToString(), "0.0.0.0:8889"},
      {"health_address", c.health_address.ToString(), "127.0.0.1:8890"},
      {"locket_address", c.locket.addresses[0].ToString(), "locket.service.cf.internal:8891"},
      {"database_driver", BbsConfig().database_driver, "mysql"},
      {"access_log_path", c.access_log_path, ""},
      {"log_level", c.logging.log_level, "info"},
      {"time_format", c.logging.time_format, "unix-epoch"},
  };
  for (const TextRow& row : texts) {
    INFO(row.key);
    CHECK(row.got == row.reference);
  }
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
  CHECK_THAT(FaultOf("\"lock_ttl\": \"3s\""), Catch::Contains("lock_retry_interval"));
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
  const auto read = config::Read(BbsConfigTable(), Json(""), {{"active_key_label", "other"}});
  CHECK_THAT(std::string(read.status().message()), Catch::Contains("active_key_label"));
}

}  // namespace
}  // namespace diego::bbs
