#include "libs/sql/batch.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/status_util.h"

namespace diego::sql {
namespace {

constexpr size_t kMostRows = 64;

// Below the 16 MiB that a MySQL server takes in one packet unless told otherwise.
constexpr size_t kMostBytes = size_t{4} << 20;

size_t BytesOf(const Values& row) {
  size_t bytes = 0;
  for (const Value& value : row) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    if (const auto* blob = std::get_if<Blob>(&value)) bytes += blob->bytes.size();
  }
  return bytes;
}

// How many of the rows from `done` on the next statement takes: 64, 32, … or 1, so that seven texts
// serve all.
size_t ChunkAt(const std::vector<Values>& rows, size_t done) {
  size_t fit = 0;
  for (size_t bytes = 0; done + fit < rows.size() && fit < kMostRows; ++fit) {
    bytes += BytesOf(rows[done + fit]);
    if (bytes > kMostBytes && fit > 0) break;
  }
  size_t size = kMostRows;
  while (size > fit) size /= 2;
  return size;
}

template <typename MakeStatement>
absl::Status RunInChunks(Transaction& tx, size_t width, std::vector<Values> rows,
                         MakeStatement make_statement) {
  for (size_t done = 0; done < rows.size();) {
    const size_t count = ChunkAt(rows, done);
    Values values;
    values.reserve(count * width);
    for (size_t i = done; i < done + count; ++i) {
      DIEGO_CHECK(rows[i].size() == width) << "row of " << rows[i].size() << " values";
      std::move(rows[i].begin(), rows[i].end(), std::back_inserter(values));
    }
    DIEGO_RETURN_IF_ERROR(tx.Execute(make_statement(count), values).status());
    done += count;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status UpsertRows(Transaction& tx, const TableShape& table, std::vector<Values> rows) {
  return Annotate(RunInChunks(tx, table.columns.size(), std::move(rows),
                              [&](size_t count) { return tx.dialect().Upsert(table, count); }),
                  table.name);
}

absl::Status DeleteRows(Transaction& tx, const TableShape& table, std::vector<Values> keys) {
  return Annotate(RunInChunks(tx, table.key_columns, std::move(keys),
                              [&](size_t count) { return tx.dialect().DeleteByKey(table, count); }),
                  table.name);
}

}  // namespace diego::sql
