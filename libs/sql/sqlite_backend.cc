// The SQLite driver. WAL with synchronous=FULL: a commit that was answered survives a power cut.
#include <sqlite3.h>

#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sql/backend.h"
#include "libs/sql/statement_cache.h"

namespace diego::sql {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

ErrorKind Classify(int extended_code, absl::string_view text) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID: return ErrorKind::kDuplicate;
    default: break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorKind::kDeadlock;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_FULL: return ErrorKind::kConnectionLost;
    case SQLITE_TOOBIG: return ErrorKind::kTooLong;
    case SQLITE_ERROR:
      if (absl::StartsWith(text, "no such table")) return ErrorKind::kTableMissing;
      if (absl::StartsWith(text, "duplicate column name") ||
          absl::EndsWith(text, "already exists")) {
        return ErrorKind::kAlreadyThere;
      }
      if (absl::StartsWith(text, "no such column") || absl::StartsWith(text, "no such index")) {
        return ErrorKind::kNotThere;
      }
      return ErrorKind::kOther;
    default: return ErrorKind::kOther;
  }
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool IsNull(int column) const override { return Type(column) == SQLITE_NULL; }
  int64_t Int64(int column) const override {
    Type(column);
    return sqlite3_column_int64(statement_, column);
  }
  std::string Text(int column) const override {
    Type(column);
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<size_t>(size));
  }

 private:
  int Type(int column) const {
    DIEGO_CHECK(column >= 0 && column < sqlite3_column_count(statement_)) << "column " << column;
    return sqlite3_column_type(statement_, column);
  }
  sqlite3_stmt* statement_;
};

class SqliteBackend final : public Backend {
 public:
  static absl::StatusOr<std::unique_ptr<Backend>> Connect(const DatabaseOptions& options) {
    auto backend = std::unique_ptr<SqliteBackend>(new SqliteBackend());
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const std::string& path = options.connection_string;
    if (sqlite3_open_v2(path.c_str(), &backend->handle_, flags, nullptr) != SQLITE_OK) {
      return MakeError(ErrorKind::kConnectionLost, SQLITE_CANTOPEN, "sqlite",
                       absl::StrCat("cannot open ", path, ": ", backend->Text()));
    }
    sqlite3_extended_result_codes(backend->handle_, 1);
    sqlite3_busy_timeout(backend->handle_,
                         static_cast<int>(absl::ToInt64Milliseconds(options.read_timeout)));
    // The log is copied back every 40 MB and not every 4: under groups of scattered rows that is
    // most of the writing. The cache (64 MB) holds what they touch.
    for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                               "PRAGMA wal_autocheckpoint=10000", "PRAGMA cache_size=-65536"}) {
      if (absl::Status status = backend->ExecuteOnce(pragma); !status.ok()) return status;
    }
    return backend;
  }

  ~SqliteBackend() override {
    statements_.Clear();
    sqlite3_close(handle_);
  }

  absl::Status Begin(TransactionMode mode) override {
    return ExecuteOnce(mode == TransactionMode::kWrite ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED");
  }
  absl::Status Commit() override { return ExecuteOnce("COMMIT"); }
  void Rollback() override {
    // Some failures have rolled back by themselves.
    if (sqlite3_get_autocommit(handle_) == 0 && !ExecuteOnce("ROLLBACK").ok()) broken_ = true;
  }

  absl::StatusOr<int64_t> Execute(absl::string_view statement, const Values& values) override {
    absl::Status visited = Query(statement, values, [](const Row&) { return absl::OkStatus(); });
    if (!visited.ok()) return visited;
    return sqlite3_changes64(handle_);
  }

  absl::Status Query(absl::string_view query, const Values& values,
                     absl::FunctionRef<absl::Status(const Row&)> visit) override {
    absl::StatusOr<sqlite3_stmt*> prepared = Prepare(query);
    if (!prepared.ok()) return prepared.status();
    absl::Status status = Bind(*prepared, values);
    while (status.ok()) {
      const int code = sqlite3_step(*prepared);
      if (code == SQLITE_DONE) break;
      status = code == SQLITE_ROW ? visit(SqliteRow(*prepared)) : LastError();
    }
    sqlite3_reset(*prepared);
    sqlite3_clear_bindings(*prepared);
    return status;
  }

  absl::Status ExecuteOnce(absl::string_view statement) override {
    const int code =
        sqlite3_exec(handle_, std::string(statement).c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? absl::OkStatus() : LastError();
  }

  bool broken() const override { return broken_; }

 private:
  SqliteBackend() = default;

  absl::string_view Text() const { return sqlite3_errmsg(handle_); }

  absl::Status LastError() {
    const int code = sqlite3_extended_errcode(handle_);
    const ErrorKind kind = Classify(code, Text());
    if (kind == ErrorKind::kConnectionLost) broken_ = true;
    return MakeError(kind, code, "sqlite", Text());
  }

  absl::StatusOr<sqlite3_stmt*> Prepare(absl::string_view text) {
    if (Prepared* known = statements_.Find(text)) return known->get();
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()),
                           SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
      return LastError();
    }
    return statements_.Keep(text, Prepared(raw))->get();
  }

  absl::Status Bind(sqlite3_stmt* statement, const Values& values) {
    DIEGO_CHECK(static_cast<int>(values.size()) == sqlite3_bind_parameter_count(statement))
        << values.size() << " values for: " << sqlite3_sql(statement);
    for (size_t i = 0; i < values.size(); ++i) {
      if (BindOne(statement, static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return LastError();
    }
    return absl::OkStatus();
  }

  // The values outlive the step, so SQLite need not copy them.
  static int BindOne(sqlite3_stmt* statement, int place, const Value& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      return sqlite3_bind_int64(statement, place, *number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
      return sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    if (const auto* blob = std::get_if<Blob>(&value)) {
      return blob->bytes.empty() ? sqlite3_bind_zeroblob(statement, place, 0)
                                 : sqlite3_bind_blob64(statement, place, blob->bytes.data(),
                                                       blob->bytes.size(), SQLITE_STATIC);
    }
    return sqlite3_bind_null(statement, place);
  }

  sqlite3* handle_ = nullptr;
  StatementCache<Prepared> statements_;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> ConnectSqlite(const DatabaseOptions& options) {
  return SqliteBackend::Connect(options);
}

}  // namespace diego::sql
