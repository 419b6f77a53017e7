#include "libs/wire/metric_tags.h"

#include "libs/base/status_util.h"
#include "libs/wire/enums.h"

namespace diego::wire {

void ToProto(const MetricTags& tags, MetricTagsProto* out) {
  out->clear();
  for (const auto& [name, tag] : tags) {
    models::MetricTagValue& value = (*out)[name];
    value.set_static_(tag.static_value);
    value.set_dynamic(static_cast<models::MetricTagValue::DynamicValue>(tag.dynamic));
  }
}

absl::StatusOr<MetricTags> FromProto(const MetricTagsProto& proto) {
  MetricTags tags;
  for (const auto& [name, value] : proto) {
    MetricTagValue& tag = tags[name];
    tag.static_value = value.static_();
    DIEGO_RETURN_IF_ERROR(ReadEnum("metric_tags", value.dynamic(),
                                   models::MetricTagValue::DynamicValue_IsValid, &tag.dynamic));
  }
  return tags;
}

void FillSourceId(std::string* metrics_guid, MetricTagsProto* tags) {
  const auto source_id = tags->find("source_id");
  if (source_id == tags->end()) {
    if (!metrics_guid->empty()) (*tags)["source_id"].set_static_(*metrics_guid);
  } else if (metrics_guid->empty()) {
    *metrics_guid = source_id->second.static_();
  }
}

}  // namespace diego::wire
