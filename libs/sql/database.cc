#include "libs/sql/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/sql/pool.h"
#include "libs/sync/guarded.h"

namespace diego::sql {
namespace {

absl::Status CheckOptions(const DatabaseOptions& options) {
  if (options.connection_string.empty()) {
    return absl::InvalidArgumentError("database connection string: is empty");
  }
  if (options.max_open_connections < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("max open connections: ", options.max_open_connections, " is below 1"));
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError("database client certificate and key: give both or neither");
  }
  if (options.driver == "mysql") return ParseMysqlAddress(options.connection_string).status();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> Transaction::Execute(absl::string_view statement, const Values& values) {
  return backend_->Execute(statement, values);
}

absl::Status Transaction::Query(absl::string_view query, const Values& values,
                                absl::FunctionRef<absl::Status(const Row&)> visit) {
  return backend_->Query(query, values, visit);
}

absl::Status Transaction::ExecuteOnce(absl::string_view statement) {
  return backend_->ExecuteOnce(statement);
}

const Dialect& Transaction::dialect() const { return *dialect_; }

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  Flavor flavor = Flavor::kSqlite;
  if (options.driver == "mysql") {
    flavor = Flavor::kMysql;
  } else if (options.driver != "sqlite") {
    return absl::InvalidArgumentError(
        absl::StrCat("database driver: \"", options.driver, "\" is neither sqlite nor mysql"));
  }
  DIEGO_RETURN_IF_ERROR(CheckOptions(options));
  auto pool = std::make_unique<Pool>(options, flavor);
  return std::unique_ptr<Database>(new Database(std::move(options), flavor, std::move(pool)));
}

Database::Database(DatabaseOptions options, Flavor flavor, std::unique_ptr<Pool> pool)
    : options_(std::move(options)), dialect_(flavor), pool_(std::move(pool)) {}

Database::~Database() = default;

TransactionReport Database::TransactOnce(Work work, TransactionMode mode) {
  absl::StatusOr<Pool::Loan> loan = pool_->Borrow();
  if (!loan.ok()) return {Ending::kRolledBack, loan.status()};
  Backend& backend = *loan->get();
  if (absl::Status begun = backend.Begin(mode); !begun.ok()) {
    return {Ending::kRolledBack, std::move(begun)};
  }
  Transaction transaction(&backend, &dialect_);
  if (absl::Status worked = work(transaction); !worked.ok()) {
    backend.Rollback();
    return {Ending::kRolledBack, std::move(worked)};
  }
  absl::Status committed = backend.Commit();
  if (committed.ok()) return {Ending::kCommitted, absl::OkStatus()};
  if (KindOf(committed) == ErrorKind::kConnectionLost) {
    return {Ending::kUnknown, Annotate(committed, "committing")};
  }
  backend.Rollback();
  return {Ending::kRolledBack, Annotate(committed, "committing")};
}

absl::Status Database::TransactWithRetry(Work work, TransactionMode mode) {
  absl::Status status;
  for (int tries = 1;; ++tries) {
    status = TransactOnce(work, mode).status;
    if (!IsRetryable(status) || tries >= options_.max_tries) return status;
    PauseBeforeRetry();
  }
}

absl::Status Database::Transact(Work work) {
  return TransactWithRetry(work, TransactionMode::kWrite);
}

absl::Status Database::Read(Work work) { return TransactWithRetry(work, TransactionMode::kRead); }

void Database::PauseBeforeRetry() {
  Guarded<bool> never;
  never.When([](bool) { return false; }, options_.retry_pause, [](bool, bool) {});
}

absl::Status Database::ExecuteSchema(absl::string_view statement) {
  absl::StatusOr<Pool::Loan> loan = pool_->Borrow();
  return loan.ok() ? loan->get()->ExecuteOnce(statement) : loan.status();
}

absl::Status Database::Ping() {
  return TransactOnce(
             [](Transaction& tx) {
               return tx.Query("SELECT 1", {}, [](const Row&) { return absl::OkStatus(); });
             },
             TransactionMode::kRead)
      .status;
}

}  // namespace diego::sql
