// Backend: one connection of one driver, behind which its types and exceptions stay. Internal to
// libs/sql.
#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/sql/database.h"

namespace diego::sql {

// Used by one thread at a time, which need not be the same one always. No call throws.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual absl::Status Begin(TransactionMode mode) = 0;
  virtual absl::Status Commit() = 0;
  virtual void Rollback() = 0;
  virtual absl::StatusOr<int64_t> Execute(absl::string_view statement, const Values& values) = 0;
  virtual absl::Status Query(absl::string_view query, const Values& values,
                             absl::FunctionRef<absl::Status(const Row&)> visit) = 0;
  virtual absl::Status ExecuteOnce(absl::string_view statement) = 0;
  // True once the connection broke: it is not handed out again.
  virtual bool broken() const = 0;
};

absl::StatusOr<std::unique_ptr<Backend>> ConnectSqlite(const DatabaseOptions& options);
absl::StatusOr<std::unique_ptr<Backend>> ConnectMysql(const DatabaseOptions& options);

}  // namespace diego::sql
