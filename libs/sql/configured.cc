#include "libs/sql/configured.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace diego::sql {
namespace {

using C = DatabaseConfig;

std::string DriverFault(const config::Target& target) {
  const std::string& driver = **std::get_if<std::string*>(&target);
  if (driver == "mysql" || driver == "sqlite") return "";
  if (driver == "postgres") {
    return "is \"postgres\", which the original knows and we do not; move the database to MySQL or "
           "MariaDB first, and choose mysql";
  }
  return absl::StrCat("is \"", driver, "\"; choose mysql or sqlite");
}

void CheckTogether(const C& c, config::Faults& faults) {
  if (c.driver == "mysql") {
    const absl::StatusOr<MysqlAddress> address = ParseMysqlAddress(c.connection_string);
    if (!address.ok()) {
      faults.Add("database_connection_string", std::string(address.status().message()));
    }
  }
  if (c.client_cert_file.empty() != c.client_key_file.empty()) {
    faults.Add("sql_client_cert_file",
               "and sql_client_key_file belong together; give both or none");
  } else if (!c.client_cert_file.empty() && c.ca_cert_file.empty()) {
    faults.Add("sql_client_cert_file",
               "is of no use without TLS; give sql_ca_cert_file, the CA of the database");
  }
}

}  // namespace

config::Table<DatabaseConfig> DatabaseTable() {
  config::Table<C> table("database");
  table.Key("database_driver", &C::driver, "mysql, or sqlite for a single machine")
      .Check(DriverFault);
  table
      .Key("database_connection_string", &C::connection_string,
           "mysql: user:pass@tcp(host:port)/db; sqlite: a file")
      .Required()
      .Secret();
  table.Key("max_open_database_connections", &C::max_open_connections,
            "connections to the database at most; 0: no limit");
  table
      .Key("db_connection_timeout", &C::connection_timeout,
           "for connecting, if shorter than db_operation_timeout")
      .NotNegative();
  table.Key("db_read_timeout", &C::read_timeout, "for reading, likewise").NotNegative();
  table.Key("db_write_timeout", &C::write_timeout, "for writing, likewise").NotNegative();
  table
      .Key("db_operation_timeout", &C::operation_timeout,
           "how long the database may take over one statement")
      .NotNegative();
  table.Key("sql_ca_cert_file", &C::ca_cert_file, "the CA that MySQL must show; empty: no TLS")
      .File();
  table.Key("sql_enable_identity_verification", &C::enable_identity_verification,
            "whether MySQL's certificate must also name the host that is connected to");
  table
      .Key("sql_client_cert_file", &C::client_cert_file,
           "shown to MySQL, where it wants one; with sql_client_key_file")
      .File();
  table.Key("sql_client_key_file", &C::client_key_file, "its key").File();
  table.Ignored({"max_idle_database_connections", "max_database_connection_lifetime"},
                "broken connections are replaced when met");
  table.Check(CheckTogether);
  return table;
}

DatabaseOptions OptionsOf(const DatabaseConfig& config, absl::Duration retry_pause) {
  const auto or_default = [](absl::Duration value, absl::Duration zero) {
    return value == absl::ZeroDuration() ? zero : value;
  };
  const DatabaseConfig defaults;
  const absl::Duration operation = or_default(config.operation_timeout, defaults.operation_timeout);
  const auto bounded = [&](absl::Duration timeout) {
    return std::min(or_default(timeout, operation), operation);
  };
  DatabaseOptions options;
  options.driver = config.driver;
  options.connection_string = config.connection_string;
  options.ca_file = config.ca_cert_file;
  options.verify_host_name = config.enable_identity_verification;
  options.cert_file = config.client_cert_file;
  options.key_file = config.client_key_file;
  options.connect_timeout = bounded(config.connection_timeout);
  options.read_timeout = bounded(config.read_timeout);
  options.write_timeout = bounded(config.write_timeout);
  options.max_open_connections = config.max_open_connections > 0 ? config.max_open_connections
                                                                 : std::numeric_limits<int>::max();
  options.retry_pause = retry_pause;
  return options;
}

}  // namespace diego::sql
