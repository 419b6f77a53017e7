// The MySQL driver: Connector/C++ 1.1 over MariaDB's client library. Every exception of it ends in
// this file.
#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_util.h"
#include "libs/sql/backend.h"
#include "libs/sql/statement_cache.h"

namespace diego::sql {
namespace {

using Prepared = std::unique_ptr<::sql::PreparedStatement>;
using ResultSet = std::unique_ptr<::sql::ResultSet>;

ErrorKind Classify(int code) {
  switch (code) {
    case 1062: return ErrorKind::kDuplicate;
    case 1205:  // lock wait timeout
    case 1213: return ErrorKind::kDeadlock;
    case 1146: return ErrorKind::kTableMissing;
    case 1153:  // packet too large, at the server
    case 1264:  // out of range
    case 1366:  // no such character
    case 1406:
    case 2020: return ErrorKind::kTooLong;
    case 1050:  // table exists
    case 1060:  // duplicate column
    case 1061: return ErrorKind::kAlreadyThere;
    case 1054:  // unknown column
    case 1091: return ErrorKind::kNotThere;
    case 1040:  // too many connections
    case 1047:  // a Galera node that is not ready
    case 1053:  // shutdown in progress
    case 1152:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1184:
    case 1317:  // interrupted
    case 1927:  // killed
      return ErrorKind::kConnectionLost;
    default: return code >= 2000 && code < 3000 ? ErrorKind::kConnectionLost : ErrorKind::kOther;
  }
}

// Connector/C++ wants every thread that uses it announced.
class ThreadRegistration {
 public:
  explicit ThreadRegistration(::sql::Driver* driver) : driver_(driver) { driver_->threadInit(); }
  ~ThreadRegistration() { driver_->threadEnd(); }

 private:
  ::sql::Driver* driver_;
};

::sql::Driver* ThreadsDriver() {
  static ::sql::Driver* const kDriver = ::sql::mysql::get_driver_instance();
  thread_local ThreadRegistration registration(kDriver);
  return kDriver;
}

int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), 1, 86400));
}

::sql::ConnectOptionsMap ConnectOptions(const DatabaseOptions& options,
                                        const MysqlAddress& address) {
  ::sql::ConnectOptionsMap map;
  map["hostName"] = address.socket.empty() ? absl::StrCat("tcp://", address.host, ":", address.port)
                                           : absl::StrCat("unix://", address.socket);
  map["userName"] = address.user;
  map["password"] = address.password;
  map["schema"] = address.database;
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(options.connect_timeout);
  map["OPT_READ_TIMEOUT"] = WholeSeconds(options.read_timeout);
  map["OPT_WRITE_TIMEOUT"] = WholeSeconds(options.write_timeout);
  map["OPT_CHARSET_NAME"] = ::sql::SQLString("utf8mb4");
  // Count the rows an UPDATE matched, as SQLite does, and not only those it changed.
  map["CLIENT_FOUND_ROWS"] = true;
  if (!options.ca_file.empty()) {
    map["sslCA"] = ::sql::SQLString(options.ca_file);
    map["sslVerify"] = options.verify_host_name;
    map["sslEnforce"] = true;
  }
  if (!options.cert_file.empty()) {
    map["sslCert"] = ::sql::SQLString(options.cert_file);
    map["sslKey"] = ::sql::SQLString(options.key_file);
  }
  return map;
}

// Wraps the current row of a result set; columns count from 1 there.
class MysqlRow final : public Row {
 public:
  explicit MysqlRow(::sql::ResultSet* result)
      : result_(result), columns_(static_cast<int>(result->getMetaData()->getColumnCount())) {}
  bool IsNull(int column) const override { return result_->isNull(Place(column)); }
  int64_t Int64(int column) const override { return result_->getInt64(Place(column)); }
  std::string Text(int column) const override {
    return result_->getString(Place(column)).asStdString();
  }

 private:
  uint32_t Place(int column) const {
    DIEGO_CHECK(column >= 0 && column < columns_) << "column " << column;
    return static_cast<uint32_t>(column) + 1;
  }
  ::sql::ResultSet* result_;
  int columns_;
};

void Bind(::sql::PreparedStatement* statement, const Values& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const auto place = static_cast<unsigned int>(i) + 1;
    if (const auto* number = std::get_if<int64_t>(&values[i])) {
      statement->setInt64(place, *number);
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      statement->setString(place, *text);
    } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
      statement->setString(place, blob->bytes);
    } else {
      statement->setNull(place, 0);
    }
  }
}

class MysqlBackend final : public Backend {
 public:
  static absl::StatusOr<std::unique_ptr<Backend>> Connect(const DatabaseOptions& options) {
    DIEGO_ASSIGN_OR_RETURN(const MysqlAddress address,
                           ParseMysqlAddress(options.connection_string));
    auto backend = std::unique_ptr<MysqlBackend>(new MysqlBackend());
    const absl::Status connected = backend->Guard([&] {
      ::sql::ConnectOptionsMap map = ConnectOptions(options, address);
      backend->connection_.reset(ThreadsDriver()->connect(map));
      backend->statement_.reset(backend->connection_->createStatement());
    });
    if (!connected.ok()) return Annotate(connected, "connecting to the database");
    return backend;
  }

  ~MysqlBackend() override {
    ThreadsDriver();
    // Statements before the connection they belong to; a broken one may throw at its end.
    (void)Guard([this] { prepared_.Clear(); });
    (void)Guard([this] { statement_.reset(); });
    (void)Guard([this] { connection_.reset(); });
  }

  absl::Status Begin(TransactionMode mode) override {
    return ExecuteOnce(mode == TransactionMode::kWrite ? "START TRANSACTION"
                                                       : "START TRANSACTION READ ONLY");
  }
  absl::Status Commit() override { return ExecuteOnce("COMMIT"); }
  void Rollback() override {
    if (!broken_ && !ExecuteOnce("ROLLBACK").ok()) broken_ = true;
  }

  absl::StatusOr<int64_t> Execute(absl::string_view statement, const Values& values) override {
    int64_t matched = 0;
    DIEGO_RETURN_IF_ERROR(Guard([&] {
      ::sql::PreparedStatement* prepared = Prepare(statement);
      Bind(prepared, values);
      matched = prepared->executeUpdate();
    }));
    return matched;
  }

  absl::Status Query(absl::string_view query, const Values& values,
                     absl::FunctionRef<absl::Status(const Row&)> visit) override {
    absl::Status visited;
    DIEGO_RETURN_IF_ERROR(Guard([&] {
      ::sql::PreparedStatement* prepared = Prepare(query);
      Bind(prepared, values);
      const ResultSet result(prepared->executeQuery());
      const MysqlRow row(result.get());
      while (visited.ok() && result->next()) visited = visit(row);
    }));
    return visited;
  }

  absl::Status ExecuteOnce(absl::string_view statement) override {
    return Guard([&] {
      ThreadsDriver();
      statement_->execute(::sql::SQLString(statement.data(), statement.size()));
    });
  }

  bool broken() const override { return broken_; }

 private:
  MysqlBackend() = default;

  // Runs driver code and turns what it throws into a status.
  absl::Status Guard(absl::FunctionRef<void()> run) {
    try {
      run();
      return absl::OkStatus();
    } catch (const ::sql::SQLException& exception) {
      const int code = exception.getErrorCode();
      const ErrorKind kind = Classify(code);
      if (kind == ErrorKind::kConnectionLost) broken_ = true;
      return MakeError(kind, code, "mysql", exception.what());
    } catch (const std::exception& exception) {
      broken_ = true;  // the driver's own state is not to be trusted now
      return MakeError(ErrorKind::kOther, 0, "mysql", exception.what());
    }
  }

  ::sql::PreparedStatement* Prepare(absl::string_view text) {
    ThreadsDriver();
    if (Prepared* known = prepared_.Find(text)) return known->get();
    Prepared fresh(connection_->prepareStatement(::sql::SQLString(text.data(), text.size())));
    return prepared_.Keep(text, std::move(fresh))->get();
  }

  std::unique_ptr<::sql::Connection> connection_;
  std::unique_ptr<::sql::Statement> statement_;
  StatementCache<Prepared> prepared_;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> ConnectMysql(const DatabaseOptions& options) {
  return MysqlBackend::Connect(options);
}

}  // namespace diego::sql
