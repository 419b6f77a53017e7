// PlacementRefusal <-> the message of proto/models/placement.proto, and its opaque form: what the
// BBS keeps and no rule reads. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/models/opaque.h"
#include "libs/models/placement_refusal.h"
#include "proto/models/placement.pb.h"

namespace diego::wire {

models::PlacementRefusal ToProto(const PlacementRefusal& refusal);
// Reasons that are not known become kUnknown.
PlacementRefusal FromProto(const models::PlacementRefusal& proto);

// A serialized models.PlacementRefusal, whole, unknown fields included; nothing for an empty one.
Opaque PlacementRefusalBytes(const models::PlacementRefusal& proto);
// The message in `bytes`; an empty one when they make no sense.
models::PlacementRefusal PlacementRefusalOf(const Opaque& bytes);

// The text of the column that keeps it, JSON; "" for nothing. Deserialize for what is no refusal.
std::string PlacementRefusalToJson(const Opaque& bytes);
absl::StatusOr<Opaque> PlacementRefusalFromJson(absl::string_view text);

}  // namespace diego::wire
