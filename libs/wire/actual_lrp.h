// ActualLrp and its parts <-> the messages of proto/models/actual_lrp.proto. Pure functions.
// ToProto writes every "always serialized" sub-message, empty ones too; FromProto requires none.
// Source: reference/wire-models.md "Actual LRPs".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/models/actual_lrp.h"
#include "proto/models/actual_lrp.pb.h"

namespace diego::wire {

models::ModificationTag ToProto(const ModificationTag& tag);
ModificationTag FromProto(const models::ModificationTag& proto);

models::ActualLRPKey ToProto(const ActualLrpKey& key);
ActualLrpKey FromProto(const models::ActualLRPKey& proto);

models::ActualLRPInstanceKey ToProto(const InstanceKey& key);
InstanceKey FromProto(const models::ActualLRPInstanceKey& proto);

// FromProto refuses an unknown preferred_address: InvalidRequest.
models::ActualLRPNetInfo ToProto(const NetInfo& net_info);
absl::StatusOr<NetInfo> FromProto(const models::ActualLRPNetInfo& proto);

// FromProto refuses an unknown state, presence or preferred_address: InvalidRequest.
models::ActualLRP ToProto(const ActualLrp& lrp);
absl::StatusOr<ActualLrp> FromProto(const models::ActualLRP& proto);

// The part that changes; the keys, internal routes and metric tags are not in it.
models::ActualLRPInfo ToInfoProto(const ActualLrp& lrp);
// The info with its keys put back (change events carry them outside).
absl::StatusOr<ActualLrp> FromInfoProto(const models::ActualLRPKey& key,
                                        const models::ActualLRPInstanceKey& instance,
                                        const models::ActualLRPInfo& proto);

using InternalRoutesProto = google::protobuf::RepeatedPtrField<models::ActualLRPInternalRoute>;
void ToProto(const std::vector<std::string>& hostnames, InternalRoutesProto* out);
std::vector<std::string> FromProto(const InternalRoutesProto& proto);

using StringMapProto = google::protobuf::Map<std::string, std::string>;
void ToProto(const std::map<std::string, std::string>& map, StringMapProto* out);
std::map<std::string, std::string> FromProto(const StringMapProto& proto);

}  // namespace diego::wire
