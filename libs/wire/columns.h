// The JSON texts that database columns hold, encrypted or plain. An empty value is "{}" or "[]";
// reading takes "" and null for empty, too. FromJson functions fail with Deserialize. Pure
// functions. Source: reference/sql-schema.md "BBS tables", "Data-at-rest encoding".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/models/desired_lrp.h"

namespace diego::wire {

// desired_lrps.routes: {"cf-router":<raw JSON>,…}. Values keep their text, byte for byte, but for
// the blanks between their tokens and Go's escapes when written.
std::string RoutesToJson(const Routes& routes);
absl::StatusOr<Routes> RoutesFromJson(absl::string_view text);

// desired_lrps.metric_tags: {"source_id":{"static":"…"},…}. An unknown dynamic name reads as none.
std::string MetricTagsToJson(const MetricTags& tags);
absl::StatusOr<MetricTags> MetricTagsFromJson(absl::string_view text);

// actual_lrps.internal_routes: [{"hostname":"…"},…].
std::string InternalRoutesToJson(const std::vector<std::string>& hostnames);
absl::StatusOr<std::vector<std::string>> InternalRoutesFromJson(absl::string_view text);

// actual_lrps.metric_tags: {"name":"value",…}.
std::string StringMapToJson(const std::map<std::string, std::string>& map);
absl::StatusOr<std::map<std::string, std::string>> StringMapFromJson(absl::string_view text);

// desired_lrps.placement_tags: ["…",…].
std::string StringsToJson(const std::vector<std::string>& strings);
absl::StatusOr<std::vector<std::string>> StringsFromJson(absl::string_view text);

}  // namespace diego::wire
