// DesiredLrp <-> the messages of proto/models/desired_lrp.proto. Pure functions.
//
// A models.DesiredLRP is split in two: what rules look at becomes members of DesiredLrp, all the
// rest becomes one serialized models.DesiredLRPRunInfo. Its sub-messages are moved whole, so
// fields that we do not know survive inside them.
// Source: reference/wire-models.md "Desired LRPs", "Non-obvious serialisations".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/models/desired_lrp.h"
#include "proto/models/desired_lrp.pb.h"

namespace diego::wire {

// Deserialize when run_info holds no such message. On the way out whichever of metrics_guid and
// metric_tags["source_id"] is missing is filled from the other.
absl::StatusOr<models::DesiredLRP> ToProto(const DesiredLrp& lrp);
// `created_at` goes into the run info; the message has no place for it. Refuses an unknown
// update_strategy or dynamic metric tag: InvalidRequest.
absl::StatusOr<DesiredLrp> FromProto(models::DesiredLRP proto,
                                     absl::Time created_at = absl::UnixEpoch());

// The part that schedulers need. FromProto leaves the other members at their defaults.
models::DesiredLRPSchedulingInfo ToSchedulingInfoProto(const DesiredLrp& lrp);
DesiredLrp FromProto(const models::DesiredLRPSchedulingInfo& proto);

// What of a placement goes into a message, and a row, of its own: volume_drivers and what this
// version does not know of volumes. FromProto leaves the other members alone.
models::VolumePlacement ToVolumesProto(const PlacementConstraint& placement);
void FromProto(models::VolumePlacement proto, PlacementConstraint* placement);

// The part that routers need: process_guid, domain, log_guid, instances, routes, tag, metric_tags.
// Costs no parsing of the run info. FromProto(models::DesiredLRP) reads it back.
models::DesiredLRP ToRoutingInfoProto(const DesiredLrp& lrp);

// A definition: what of the message affects how an instance runs. The rest of it is not looked at,
// but for the names in the run info's key.
absl::StatusOr<LrpDefinition> DefinitionFromProto(models::DesiredLRP proto);
// With only those members set that belong to a definition.
absl::StatusOr<models::DesiredLRP> ToProto(const LrpDefinition& definition);

// An update without metric tags and one with an empty set of them are the same on the wire.
// Deserialize when the run info of its definition makes no sense.
absl::StatusOr<models::DesiredLRPUpdate> ToProto(const DesiredLrpUpdate& update);
absl::StatusOr<DesiredLrpUpdate> FromProto(const models::DesiredLRPUpdate& proto);

// The run info as cells need it, parsed. Deserialize when it holds no such message.
absl::StatusOr<models::DesiredLRPRunInfo> RunInfoOf(const DesiredLrp& lrp);

// How a database row keeps run info: with the image credentials in it.
std::string RunInfoWithCredentials(const DesiredLrp& lrp);
// The reverse: sets run_info, image_username and image_password. Deserialize, and `lrp` unchanged,
// when the bytes are no run info.
absl::Status SetRunInfoWithCredentials(absl::string_view bytes, DesiredLrp* lrp);

models::ProtoRoutes ToProto(const Routes& routes);
Routes FromProto(const models::ProtoRoutes& proto);

}  // namespace diego::wire
