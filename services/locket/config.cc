#include "services/locket/config.h"

namespace diego::locket {

config::Table<LocketConfig> LocketConfigTable() {
  using C = LocketConfig;
  config::Table<C> table("locket");
  table.Key("listen_address", &C::listen_address, "where gRPC is served");
  table.Key("ca_file", &C::ca_file, "the CA that every client must show").Required().File();
  table.Key("cert_file", &C::cert_file, "this server's certificate").Required().File();
  table.Key("key_file", &C::key_file, "its private key").Required().File();
  table.Embed(&C::database, sql::DatabaseTable());
  table.Embed(&C::peers, config::PeerTable());
  table.Embed(&C::logging, config::LoggingTable());
  table.Ignored({"report_interval"}, "metrics are read from metrics_address at any time");
  table.Ignored({"enable_db_health_check", "health_check_failure_threshold",
                 "health_check_failure_timeout", "health_check_interval", "health_check_timeout"},
                "every request finds out, and is answered with the database's error");
  table.Ignored({"consul_cluster", "enable_consul_service_registration"}, "there is no Consul");
  table.Ignored(config::CommonIgnoredKeys(), "not needed here");
  return table;
}

}  // namespace diego::locket
