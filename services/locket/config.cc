#include "services/locket/config.h"

namespace diego::locket {

config::Table<LocketConfig> LocketConfigTable() {
  using C = LocketConfig;
  config::Table<C> table("locket");
  table.Key("listen_address", &C::listen_address, "where gRPC is served");
  table.Key("ca_file", &C::ca_file, "the CA that every client must show").Required().File();
  table.Key("cert_file", &C::cert_file, "this server's certificate").Required().File();
  table.Key("key_file", &C::key_file, "its private key").Required().File();
  table.Key("database_driver", &C::database_driver, "mysql, or sqlite for a single Locket")
      .Check(config::DatabaseDriverFault);
  table
      .Key("database_connection_string", &C::database_connection_string,
           "mysql: user:pass@tcp(host:port)/db; sqlite: a file")
      .Required()
      .Secret();
  table
      .Key("max_open_database_connections", &C::max_open_database_connections,
           "connections to the database at most")
      .Between(1, 10000);
  table
      .Key("db_connection_timeout", &C::db_connection_timeout,
           "for connecting, if shorter than db_operation_timeout")
      .Positive();
  table.Key("db_read_timeout", &C::db_read_timeout, "for reading, likewise").Positive();
  table.Key("db_write_timeout", &C::db_write_timeout, "for writing, likewise").Positive();
  table
      .Key("db_operation_timeout", &C::db_operation_timeout,
           "how long the database may take over one statement")
      .Positive();
  table.Key("sql_ca_cert_file", &C::sql_ca_cert_file, "the CA that MySQL must show; empty: no TLS")
      .File();
  table.Key("sql_enable_identity_verification", &C::sql_enable_identity_verification,
            "whether MySQL's certificate must also name the host that is connected to");
  table.Embed(&C::peers, config::PeerTable());
  table
      .Key("sql_client_cert_file", &C::sql_client_cert_file,
           "shown to MySQL, where it wants one; with sql_client_key_file")
      .File();
  table.Key("sql_client_key_file", &C::sql_client_key_file, "its key").File();
  table.Embed(&C::logging, config::LoggingTable());
  table.Ignored({"max_database_connection_lifetime"}, "broken connections are replaced when met");
  table.Ignored({"report_interval"}, "metrics are read from metrics_address at any time");
  table.Ignored({"enable_db_health_check", "health_check_failure_threshold",
                 "health_check_failure_timeout", "health_check_interval", "health_check_timeout"},
                "every request finds out, and is answered with the database's error");
  table.Ignored({"consul_cluster", "enable_consul_service_registration"}, "there is no Consul");
  table.Ignored(config::CommonIgnoredKeys(), "not needed here");
  return table;
}

}  // namespace diego::locket
