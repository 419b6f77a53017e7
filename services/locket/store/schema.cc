#include "services/locket/store/schema.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::locket {
namespace {

constexpr char kCreateLocks[] =
    "CREATE TABLE IF NOT EXISTS locks ("
    " path VARCHAR(255) PRIMARY KEY,"
    " owner VARCHAR(255),"
    " value VARCHAR(4096),"
    " type VARCHAR(255) DEFAULT '',"
    " modified_index BIGINT DEFAULT 0,"
    " modified_id VARCHAR(255) DEFAULT '',"
    " ttl BIGINT DEFAULT 0)";

constexpr char kCreateFences[] =
    "CREATE TABLE IF NOT EXISTS lock_fences ("
    " path VARCHAR(255) PRIMARY KEY,"
    " token BIGINT NOT NULL,"
    " modified_id VARCHAR(255) NOT NULL)";

}  // namespace

const sql::TableShape& LocksTable() {
  static const sql::TableShape table{
      "locks", {"path", "owner", "value", "type", "modified_index", "modified_id", "ttl"}, 1};
  return table;
}

const sql::TableShape& FencesTable() {
  static const sql::TableShape table{"lock_fences", {"path", "token", "modified_id"}, 1};
  return table;
}

absl::Status CreateTables(sql::Database& database) {
  for (const char* statement : {kCreateLocks, kCreateFences}) {
    const std::string text = absl::StrCat(statement, " ", database.dialect().TableOptions());
    if (absl::Status status = database.ExecuteSchema(text); !status.ok()) {
      return Annotate(status, "creating Locket's tables");
    }
  }
  return absl::OkStatus();
}

}  // namespace diego::locket
