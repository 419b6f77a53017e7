// The rules of the messages that requests are made of. Each adds its faults to a list. Used by the
// validate*.cc files only. Source: reference/wire-models.md "Validation".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/models/fault_list.h"
#include "proto/models/actions.pb.h"
#include "proto/models/cached_dependency.pb.h"
#include "proto/models/check_definition.pb.h"
#include "proto/models/crash_restart_policy.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/environment.pb.h"
#include "proto/models/image_layer.pb.h"
#include "proto/models/metric_tags.pb.h"
#include "proto/models/placement.pb.h"
#include "proto/models/security_group.pb.h"
#include "proto/models/sidecar.pb.h"
#include "proto/models/volume_mount.pb.h"

namespace diego::wire {

inline constexpr size_t kAnnotationLimitBytes = 10240;
inline constexpr size_t kRoutesLimitBytes = 131072;               // sum of the values
inline constexpr size_t kVolumeMountedFilesLimitBytes = 1 << 20;  // sum of the contents
// What columns of the database hold: see reference/sql-schema.md "BBS tables". What is wider must
// not get past the door, as the group of commands that it is stored with could never commit.
inline constexpr size_t kNameLimitCharacters = 255;
inline constexpr size_t kRootFsLimitCharacters = 1024;
inline constexpr size_t kPlacementTagsLimitBytes = 65535;  // as JSON
// Ours. What is sealed grows by a third, text that is no UTF-8 threefold, and all of it must pass
// in one packet of 16 MiB, which is what MySQL takes unless told otherwise.
inline constexpr size_t kRecordLimitBytes = size_t{4} << 20;
inline constexpr size_t kPlacementRefusalLimitBytes = 1024;
// Ours: a bound on the rows that one call makes.
inline constexpr int32_t kInstancesLimit = 10000;

// ^[a-zA-Z0-9_-]+$
bool IsGuid(absl::string_view text);
// A URL with a scheme, "docker:///busybox" or "preloaded:cflinuxfs4".
bool IsRootFs(absl::string_view text);

// Reports `field` when `text` is empty.
void CheckSet(absl::string_view field, absl::string_view text, FaultList* faults);
// Reports `field` when `text` has more than `limit` UTF-8 characters.
void CheckWidth(absl::string_view field, absl::string_view text, size_t limit, FaultList* faults);
// Reports a message that is larger than what is stored of it may be.
void CheckRecordSize(size_t size_bytes, FaultList* faults);
// Ours: it is numbers, and is kept whole, so that only unknown fields could make it large.
void CheckPlacementRefusal(const models::PlacementRefusal& refusal, FaultList* faults);
// Of a desired LRP: not negative, and at most kInstancesLimit.
void CheckInstances(int32_t instances, FaultList* faults);
void CheckGuid(absl::string_view field, absl::string_view guid, FaultList* faults);
void CheckAnnotation(absl::string_view annotation, FaultList* faults);
void CheckRoutes(const models::ProtoRoutes& routes, FaultList* faults);
// Both or neither; the missing one is named.
void CheckCredentials(absl::string_view username, absl::string_view password, FaultList* faults);

// Adds the inner faults, if any, behind "Invalid field: <field>".
void Nest(absl::string_view field, const FaultList& inner, FaultList* faults);

void CheckAction(const models::Action& action, FaultList* faults);
void CheckCachedDependencies(
    const google::protobuf::RepeatedPtrField<models::CachedDependency>& dependencies,
    FaultList* faults);
void CheckCheckDefinition(const models::CheckDefinition& definition, FaultList* faults);
// Each fault says what is allowed.
void CheckCrashRestartPolicy(const models::CrashRestartPolicy& policy, FaultList* faults);
void CheckEnvironment(const google::protobuf::RepeatedPtrField<models::EnvironmentVariable>& env,
                      FaultList* faults);
void CheckImageLayers(const google::protobuf::RepeatedPtrField<models::ImageLayer>& layers,
                      absl::string_view legacy_download_user, FaultList* faults);
// Adds "Invalid field: metric_tags" and the inner faults, if any.
void CheckMetricTags(const google::protobuf::Map<std::string, models::MetricTagValue>& tags,
                     absl::string_view metrics_guid, FaultList* faults);
void CheckSecurityGroupRule(const models::SecurityGroupRule& rule, FaultList* faults);
void CheckSidecar(const models::Sidecar& sidecar, FaultList* faults);
void CheckVolumeMount(const models::VolumeMount& mount, FaultList* faults);
void CheckVolumeMountedFiles(const google::protobuf::RepeatedPtrField<models::File>& files,
                             FaultList* faults);

// A download's checksum: algorithm and value both or neither; md5, sha1 or sha256 in any case.
void CheckChecksum(absl::string_view algorithm, absl::string_view value, FaultList* faults);

}  // namespace diego::wire
