// MetricTags <-> map<string, models.MetricTagValue>, and the source_id rule.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/map.h"
#include "libs/models/desired_lrp.h"
#include "proto/models/metric_tags.pb.h"

namespace diego::wire {

using MetricTagsProto = google::protobuf::Map<std::string, models::MetricTagValue>;

void ToProto(const MetricTags& tags, MetricTagsProto* out);
// Refuses an unknown dynamic value: InvalidRequest naming metric_tags.
absl::StatusOr<MetricTags> FromProto(const MetricTagsProto& proto);

// On reads: whichever of metrics_guid and tags["source_id"].static is missing is taken from the
// other. Source: reference/wire-models.md "Non-obvious serialisations", metrics_guid.
void FillSourceId(std::string* metrics_guid, MetricTagsProto* tags);

}  // namespace diego::wire
