#include "libs/wire/placement.h"

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/wire/json.h"
#include "libs/wire/serialize.h"

namespace diego::wire {

models::PlacementRefusal ToProto(const PlacementRefusal& refusal) {
  models::PlacementRefusal proto;
  proto.set_reason(static_cast<models::PlacementRefusal::Reason>(refusal.reason));
  proto.set_cells_considered(refusal.cells_considered);
  proto.set_cells_unreachable(refusal.cells_unreachable);
  proto.set_cells_evacuating(refusal.cells_evacuating);
  proto.set_cells_without_root_fs(refusal.cells_without_root_fs);
  proto.set_cells_without_volume_drivers(refusal.cells_without_volume_drivers);
  proto.set_cells_without_placement_tags(refusal.cells_without_placement_tags);
  proto.set_cells_short_of_memory(refusal.cells_short_of_memory);
  proto.set_cells_short_of_disk(refusal.cells_short_of_disk);
  proto.set_cells_short_of_containers(refusal.cells_short_of_containers);
  proto.set_memory_needed_mb(refusal.memory_needed_mb);
  proto.set_memory_short_mb(refusal.memory_short_mb);
  proto.set_disk_needed_mb(refusal.disk_needed_mb);
  proto.set_disk_short_mb(refusal.disk_short_mb);
  proto.set_containers_starting(refusal.containers_starting);
  proto.set_containers_starting_limit(refusal.containers_starting_limit);
  proto.set_times_handed_back(refusal.times_handed_back);
  return proto;
}

PlacementRefusal FromProto(const models::PlacementRefusal& proto) {
  PlacementRefusal refusal;
  if (models::PlacementRefusal::Reason_IsValid(proto.reason())) {
    refusal.reason = static_cast<PlacementRefusal::Reason>(proto.reason());
  }
  refusal.cells_considered = proto.cells_considered();
  refusal.cells_unreachable = proto.cells_unreachable();
  refusal.cells_evacuating = proto.cells_evacuating();
  refusal.cells_without_root_fs = proto.cells_without_root_fs();
  refusal.cells_without_volume_drivers = proto.cells_without_volume_drivers();
  refusal.cells_without_placement_tags = proto.cells_without_placement_tags();
  refusal.cells_short_of_memory = proto.cells_short_of_memory();
  refusal.cells_short_of_disk = proto.cells_short_of_disk();
  refusal.cells_short_of_containers = proto.cells_short_of_containers();
  refusal.memory_needed_mb = proto.memory_needed_mb();
  refusal.memory_short_mb = proto.memory_short_mb();
  refusal.disk_needed_mb = proto.disk_needed_mb();
  refusal.disk_short_mb = proto.disk_short_mb();
  refusal.containers_starting = proto.containers_starting();
  refusal.containers_starting_limit = proto.containers_starting_limit();
  refusal.times_handed_back = proto.times_handed_back();
  return refusal;
}

Opaque PlacementRefusalBytes(const models::PlacementRefusal& proto) {
  return Opaque(Serialize(proto));
}

models::PlacementRefusal PlacementRefusalOf(const Opaque& bytes) {
  models::PlacementRefusal proto;
  if (!Parse(bytes.bytes(), "placement_refusal", &proto).ok()) proto.Clear();
  return proto;
}

std::string PlacementRefusalToJson(const Opaque& bytes) {
  return bytes.empty() ? std::string() : ToJson(PlacementRefusalOf(bytes));
}

absl::StatusOr<Opaque> PlacementRefusalFromJson(absl::string_view text) {
  models::PlacementRefusal proto;
  if (text.empty()) return Opaque();
  if (absl::Status read = FromJson(text, &proto); !read.ok()) {
    return DiegoError(
        ErrorType::kDeserialize,
        absl::StrCat("could not deserialize record: placement_refusal: ", read.message()));
  }
  return PlacementRefusalBytes(proto);
}

}  // namespace diego::wire
