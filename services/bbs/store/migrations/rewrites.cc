#include "services/bbs/store/migrations/rewrites.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/wire/columns.h"
#include "libs/wire/metric_tags.h"
#include "libs/wire/serialize.h"
#include "proto/models/desired_lrp.pb.h"

namespace diego::bbs {
namespace {

constexpr size_t kPageRows = 500;

struct Cell {
  std::string key;
  std::string text;
};

// One page of (process_guid, column) in key order, after `after`.
absl::StatusOr<std::vector<Cell>> Page(sql::Transaction& tx, absl::string_view column,
                                       const std::string& after) {
  std::vector<Cell> page;
  const std::string query =
      absl::StrCat("SELECT process_guid, ", column,
                   " FROM desired_lrps WHERE process_guid > ? ORDER BY process_guid LIMIT ",
                   kPageRows, tx.dialect().ForUpdate());
  DIEGO_RETURN_IF_ERROR(tx.Query(query, {after}, [&](const sql::Row& row) {
    page.push_back({row.Text(0), row.Text(1)});
    return absl::OkStatus();
  }));
  return page;
}

// Calls `rewrite` with every row's text of `from`; what it returns becomes the text of `to`, an
// empty result leaves the row.
template <typename Rewrite>
absl::Status RewriteAll(sql::Transaction& tx, absl::string_view from, absl::string_view to,
                        Rewrite rewrite) {
  const std::string update =
      absl::StrCat("UPDATE desired_lrps SET ", to, " = ? WHERE process_guid = ?");
  std::string after;
  while (true) {
    DIEGO_ASSIGN_OR_RETURN(const std::vector<Cell> page, Page(tx, from, after));
    for (const Cell& cell : page) {
      std::string text = rewrite(cell.text);
      if (text.empty()) continue;
      DIEGO_RETURN_IF_ERROR(tx.Execute(update, {std::move(text), cell.key}).status());
    }
    if (page.size() < kPageRows) return absl::OkStatus();
    after = page.back().key;
  }
}

// The column's text, "" when the run info cannot be read.
std::string MetricTagsColumn(const RowCodec& codec, const std::string& run_info_text) {
  const absl::StatusOr<std::string> bytes = codec.OpenProto(run_info_text);
  models::DesiredLRPRunInfo run_info;
  if (!bytes.ok() || !wire::Parse(*bytes, "run_info", &run_info).ok()) return "";
  const absl::StatusOr<MetricTags> tags = wire::FromProto(run_info.metric_tags());
  return tags.ok() ? codec.SealJson(wire::MetricTagsToJson(*tags)) : "";
}

}  // namespace

sql::MigrationStep SealPlainRoutes(const RowCodec* codec) {
  return sql::MigrationStep::Rewrite([codec](sql::Transaction& tx) {
    return RewriteAll(tx, "routes", "routes", [codec](const std::string& routes) {
      // Plain JSON is an object, and what was sealed by a run before this one is not.
      const bool plain = routes.empty() || absl::StartsWith(routes, "{") || routes == "null";
      return plain ? codec->SealJson(routes.empty() ? "{}" : routes) : std::string();
    });
  });
}

sql::MigrationStep CopyMetricTagsOutOfRunInfo(const RowCodec* codec) {
  return sql::MigrationStep::Rewrite([codec](sql::Transaction& tx) {
    return RewriteAll(tx, "run_info", "metric_tags", [codec](const std::string& run_info) {
      return MetricTagsColumn(*codec, run_info);
    });
  });
}

}  // namespace diego::bbs
