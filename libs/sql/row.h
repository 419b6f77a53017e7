// Row: one row of a query's result, while it is being visited.
#pragma once

#include <cstdint>
#include <string>

namespace diego::sql {

// Columns count from 0; a column that the query does not have is a bug and aborts. A NULL reads as
// 0 or "". Belongs to the visiting thread and is valid only during the visit.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int64(int column) const = 0;
  // Text and blobs alike: the stored bytes.
  virtual std::string Text(int column) const = 0;
};

}  // namespace diego::sql
