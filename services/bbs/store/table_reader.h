// TableReader: reads every row of every table, page by page, as changes from nothing.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "libs/sql/database.h"
#include "services/bbs/core/change.h"
#include "services/bbs/store/row_codec.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {

// Pages are read in transactions of their own: whoever reads holds office, so nobody writes
// meanwhile.
class TableReader {
 public:
  // All outlive it. Rows are appended to `rows`, those that cannot be read to `quarantined`.
  TableReader(sql::Database* database, const RowCodec* codec, Changes* rows,
              std::vector<QuarantinedRow>* quarantined)
      : database_(database), codec_(codec), rows_(rows), quarantined_(quarantined) {}

  // FailedToOpenEnvelope when a table has sealed rows and none of them can be opened: then the keys
  // are wrong, and going on with an empty state would stop everything that runs.
  absl::Status ReadAll();

 private:
  // Appends the row to rows_, or says why it cannot be read.
  using Decode = absl::FunctionRef<absl::Status(const sql::Row&)>;
  // Appends what can be read of a row that cannot be decoded; false when that is of no use.
  using Salvage = absl::FunctionRef<bool(const sql::Row&)>;
  // `salvage_opens`: what is salvaged was sealed, so that the keys cannot be the wrong ones.
  absl::Status ReadTable(const sql::TableShape& table, Decode decode, Salvage salvage,
                         bool salvage_opens = false);
  absl::Status ReadPage(const sql::TableShape& table, Decode decode, Salvage salvage,
                        sql::Values* last_key, size_t* visited);

  sql::Database* const database_;
  const RowCodec* const codec_;
  Changes* const rows_;
  std::vector<QuarantinedRow>* const quarantined_;
};

}  // namespace diego::bbs
