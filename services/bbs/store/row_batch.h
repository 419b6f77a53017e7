// RowBatch: what a batch of changes comes to in the database: for each table, the rows to write and
// the keys to delete, each key once.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "libs/sql/database.h"
#include "libs/sql/value.h"
#include "services/bbs/core/change.h"
#include "services/bbs/store/row_codec.h"

namespace diego::bbs {

class RowBatch {
 public:
  // Only the last change of a key counts.
  RowBatch(const Changes& changes, const RowCodec& codec);

  // Uses the rows up: for another try make another batch.
  absl::Status Write(sql::Transaction& tx) &&;

 private:
  struct TableRows {
    const sql::TableShape* table;
    std::vector<sql::Values> upserts;
    std::vector<sql::Values> deletions;
  };
  template <typename Map>
  void Add(const sql::TableShape& table, const Map& last_by_key, const RowCodec& codec);

  std::vector<TableRows> tables_;
};

}  // namespace diego::bbs
