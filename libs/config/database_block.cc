#include "libs/config/database_block.h"

#include "absl/strings/str_cat.h"

namespace diego::config {
namespace {

using C = DatabaseConfig;

std::string DriverFault(const Target& target) {
  const std::string& driver = **std::get_if<std::string*>(&target);
  if (driver == "mysql" || driver == "sqlite") return "";
  if (driver == "postgres") {
    return "is \"postgres\", which the original knows and we do not; move the database to MySQL or "
           "MariaDB first, and choose mysql";
  }
  return absl::StrCat("is \"", driver, "\"; choose mysql or sqlite");
}

void CheckClientCertificate(const C& c, Faults& faults) {
  if (c.client_cert_file.empty() != c.client_key_file.empty()) {
    faults.Add("sql_client_cert_file",
               "and sql_client_key_file belong together; give both or none");
  } else if (!c.client_cert_file.empty() && c.ca_cert_file.empty()) {
    faults.Add("sql_client_cert_file",
               "is of no use without TLS; give sql_ca_cert_file, the CA of the database");
  }
}

}  // namespace

Table<DatabaseConfig> DatabaseTable() {
  Table<C> table("database");
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
  table.Check(CheckClientCertificate);
  return table;
}

}  // namespace diego::config
