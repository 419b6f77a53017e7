// One small interface over SQLite and the MySQL family (Connector/C++ 1.1). Connections, their
// pool, transactions and prepared statements; every exception of a driver ends here.
//
//   DIEGO_ASSIGN_OR_RETURN(auto database, sql::Database::Open(options));
//   absl::Status status = database->Transact([&](sql::Transaction& tx) -> absl::Status {
//     DIEGO_ASSIGN_OR_RETURN(int64_t matched, tx.Execute("UPDATE t SET a = ? WHERE k = ?", {1,
//     "x"})); return tx.Query("SELECT k, a FROM t", {}, [&](const sql::Row& row) -> absl::Status {
//     … });
//   });
//
// Statements are prepared at first use and kept by their text, so texts must come from a bounded
// set; what varies is bound. Source: reference/sql-schema.md "Semantics and error mapping".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/sql/dialect.h"
#include "libs/sql/error.h"
#include "libs/sql/row.h"
#include "libs/sql/value.h"

namespace diego::sql {

class Backend;  // one driver's connection, in backend.h

struct DatabaseOptions {
  std::string driver;  // "sqlite" or "mysql"
  // sqlite: path of the file, which is created if missing.
  // mysql: `user:pass@tcp(host:port)/db` or `user:pass@unix(/path)/db`. The database must exist.
  std::string connection_string;

  // mysql over TLS: PEM files. With a CA the server's certificate is required and checked.
  std::string ca_file;
  bool verify_host_name = true;  // the certificate must name the host, too
  std::string cert_file;
  std::string key_file;

  absl::Duration connect_timeout = absl::Minutes(10);
  absl::Duration read_timeout = absl::Minutes(10);  // sqlite: how long to wait for a lock
  absl::Duration write_timeout = absl::Minutes(10);
  int max_open_connections = 4;

  // Whole transactions, on deadlock or a lost connection.
  int max_tries = 3;
  absl::Duration retry_pause = absl::Milliseconds(500);

  // For tests: what takes every new connection in, so that it fails when told
  // (libs/testing/fault_plan.h).
  std::function<std::unique_ptr<Backend>(std::unique_ptr<Backend>)> wrap_connection = {};
};

// Splits a connection string of driver "mysql"; InvalidArgument says what is wrong without showing
// the password.
struct MysqlAddress {
  std::string user;
  std::string password;
  std::string host;  // empty when `socket` is set
  int port = 3306;
  std::string socket;
  std::string database;
};
absl::StatusOr<MysqlAddress> ParseMysqlAddress(absl::string_view connection_string);

class Pool;

// A transaction under way. Belongs to the thread that runs it. After a failed statement the
// transaction can only be rolled back.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs a statement that yields no rows; the number of rows it matched (an update to equal values
  // counts on both drivers).
  absl::StatusOr<int64_t> Execute(absl::string_view statement, const Values& values = {});
  // Runs a query and visits its rows in order; the first visit that fails ends it with its status.
  // No other statement may run during a visit.
  absl::Status Query(absl::string_view query, const Values& values,
                     absl::FunctionRef<absl::Status(const Row&)> visit);
  // Runs a statement without preparing it: for the schema and what is run once.
  absl::Status ExecuteOnce(absl::string_view statement);

  const Dialect& dialect() const;

 private:
  friend class Database;
  Transaction(Backend* backend, const Dialect* dialect) : backend_(backend), dialect_(dialect) {}
  Backend* backend_;
  const Dialect* dialect_;
};

enum class TransactionMode { kWrite, kRead };

// How a transaction ended, where callers must branch on the unsure case.
enum class Ending {
  kCommitted,
  kRolledBack,  // nothing of it is in the database
  kUnknown,     // the connection broke while committing
};
struct TransactionReport {
  Ending ending = Ending::kRolledBack;
  absl::Status status;  // not OK unless committed
};

// A bounded pool of connections to one database. Thread-safe. Connections are made when needed: a
// database that is away fails calls, never Open.
class Database {
 public:
  using Work = absl::FunctionRef<absl::Status(Transaction&)>;

  // InvalidArgument: the options, named by the field at fault.
  static absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options);
  ~Database();

  // One transaction: commits when `work` returns OK, else rolls back and returns its status. Tried
  // again up to max_tries times in all on deadlocks and lost connections, also when the connection
  // broke while committing: `work` runs again then, so it must be such that repeating it is right.
  absl::Status Transact(Work work);
  // The same without a write lock; `work` must not write.
  absl::Status Read(Work work);
  // One try, and how it ended.
  TransactionReport TransactOnce(Work work, TransactionMode mode = TransactionMode::kWrite);
  // Waits between two tries of a transaction that the caller repeats itself.
  void PauseBeforeRetry();

  // Runs one statement of the schema outside a transaction (MySQL commits around each anyway).
  absl::Status ExecuteSchema(absl::string_view statement);
  // OK when a connection can be had and answers.
  absl::Status Ping();

  const DatabaseOptions& options() const { return options_; }
  const Dialect& dialect() const { return dialect_; }
  Flavor flavor() const { return dialect_.flavor(); }

 private:
  Database(DatabaseOptions options, Flavor flavor, std::unique_ptr<Pool> pool);
  absl::Status TransactWithRetry(Work work, TransactionMode mode);

  const DatabaseOptions options_;
  const Dialect dialect_;
  const std::unique_ptr<Pool> pool_;
};

}  // namespace diego::sql
