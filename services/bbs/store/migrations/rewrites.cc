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

struct Columns {
  std::string first;
  std::string second;  // empty where one is read
  std::string written;
};
struct Texts {
  std::string key;
  std::string first;
  std::string second;
};

// One page in key order, after `after`.
absl::StatusOr<std::vector<Texts>> Page(sql::Transaction& tx, const Columns& columns,
                                        const std::string& after) {
  std::vector<Texts> page;
  const std::string second = columns.second.empty() ? "''" : columns.second;
  const std::string query =
      absl::StrCat("SELECT process_guid, ", columns.first, ", ", second,
                   " FROM desired_lrps WHERE process_guid > ? ORDER BY process_guid LIMIT ",
                   kPageRows, tx.dialect().ForUpdate());
  DIEGO_RETURN_IF_ERROR(tx.Query(query, {after}, [&](const sql::Row& row) {
    page.push_back({row.Text(0), row.Text(1), row.Text(2)});
    return absl::OkStatus();
  }));
  return page;
}

// Calls `rewrite` with every row's texts; what it returns becomes the text of `columns.written`, an
// empty result leaves the row.
template <typename Rewrite>
sql::MigrationStep RewriteAll(const Columns& columns, Rewrite rewrite) {
  return sql::MigrationStep::Rewrite(
      [columns, rewrite](sql::Transaction& tx, const sql::MayGoOn& may_go_on) -> absl::Status {
        const std::string update = absl::StrCat("UPDATE desired_lrps SET ", columns.written,
                                                " = ? WHERE process_guid = ?");
        std::string after;
        while (true) {
          if (may_go_on) DIEGO_RETURN_IF_ERROR(may_go_on());
          DIEGO_ASSIGN_OR_RETURN(const std::vector<Texts> page, Page(tx, columns, after));
          for (const Texts& row : page) {
            std::string text = rewrite(row);
            if (text.empty()) continue;
            DIEGO_RETURN_IF_ERROR(tx.Execute(update, {std::move(text), row.key}).status());
          }
          if (page.size() < kPageRows) return absl::OkStatus();
          after = page.back().key;
        }
      });
}

bool ReadRunInfo(const RowCodec& codec, const std::string& text,
                 models::DesiredLRPRunInfo* run_info) {
  const absl::StatusOr<std::string> bytes = codec.OpenProto(text);
  return bytes.ok() && wire::Parse(*bytes, "run_info", run_info).ok();
}

std::string TagsOutOfRunInfo(const RowCodec& codec, const Texts& row) {
  models::DesiredLRPRunInfo run_info;
  if (!ReadRunInfo(codec, row.first, &run_info)) return "";
  // Without any in the run info, those beside it are from a way back that was not ended.
  if (run_info.metric_tags().empty() && !row.second.empty()) return "";
  const absl::StatusOr<MetricTags> tags = wire::FromProto(run_info.metric_tags());
  return tags.ok() ? codec.SealJson(wire::MetricTagsToJson(*tags)) : "";
}

std::string TagsIntoRunInfo(const RowCodec& codec, const Texts& row) {
  models::DesiredLRPRunInfo run_info;
  if (!ReadRunInfo(codec, row.first, &run_info)) return "";
  const absl::StatusOr<std::string> json = codec.OpenJson(row.second);
  if (!json.ok()) return "";
  const absl::StatusOr<MetricTags> tags = wire::MetricTagsFromJson(*json);
  if (!tags.ok()) return "";
  run_info.clear_metric_tags();
  wire::ToProto(*tags, run_info.mutable_metric_tags());
  return codec.SealProto(wire::Serialize(run_info));
}

}  // namespace

sql::MigrationStep SealPlainRoutes(const RowCodec* codec) {
  return RewriteAll({"routes", "", "routes"}, [codec](const Texts& row) {
    // Plain JSON is an object, and what was sealed by a run before this one is not.
    const std::string& routes = row.first;
    const bool plain = routes.empty() || absl::StartsWith(routes, "{") || routes == "null";
    return plain ? codec->SealJson(routes.empty() ? "{}" : routes) : std::string();
  });
}

sql::MigrationStep OpenSealedRoutes(const RowCodec* codec) {
  return RewriteAll({"routes", "", "routes"}, [codec](const Texts& row) {
    const absl::StatusOr<std::string> json = codec->OpenJson(row.first);
    return json.ok() ? *json : std::string();
  });
}

sql::MigrationStep CopyMetricTagsOutOfRunInfo(const RowCodec* codec) {
  return RewriteAll({"run_info", "metric_tags", "metric_tags"},
                    [codec](const Texts& row) { return TagsOutOfRunInfo(*codec, row); });
}

sql::MigrationStep CopyMetricTagsIntoRunInfo(const RowCodec* codec) {
  return RewriteAll({"run_info", "metric_tags", "run_info"},
                    [codec](const Texts& row) { return TagsIntoRunInfo(*codec, row); });
}

}  // namespace diego::bbs
