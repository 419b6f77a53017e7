#include "services/bbs/store/additions.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

// See core/request_memory.h. error_type: the Diego error's number, -1 for a status without one.
constexpr absl::string_view kAnsweredCallsColumns =
    "request_id VARCHAR(255) PRIMARY KEY, digest VARCHAR(64) NOT NULL, "
    "answered_at BIGINT NOT NULL, code INT NOT NULL, error_type INT NOT NULL, "
    "message MEDIUMTEXT NOT NULL, should_start BOOL NOT NULL, keep_container BOOL NOT NULL";

}  // namespace

absl::Status EnsureAdditions(sql::Database& database) {
  return Annotate(database.Transact([](sql::Transaction& tx) -> absl::Status {
    return tx.ExecuteOnce(absl::StrCat("CREATE TABLE IF NOT EXISTS ", AnsweredCallsTable().name,
                                       " (", kAnsweredCallsColumns, ")",
                                       tx.dialect().TableOptions()));
  }),
                  "making what our schema adds");
}

}  // namespace diego::bbs
