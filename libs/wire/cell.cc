#include "libs/wire/cell.h"

#include <algorithm>
#include <limits>

#include "libs/wire/actual_lrp.h"

namespace diego::wire {
namespace {

int32_t Saturated(int64_t value) {
  return static_cast<int32_t>(std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(),
                                                  std::numeric_limits<int32_t>::max()));
}

}  // namespace

models::CellPresence ToProto(const CellPresence& cell) {
  models::CellPresence proto;
  proto.set_cell_id(cell.cell_id.value());
  proto.set_rep_address(cell.rep_address);
  proto.set_rep_url(cell.rep_url);
  proto.set_rep_grpc_address(cell.rep_grpc_address);
  proto.set_zone(cell.zone);
  proto.mutable_capacity()->set_memory_mb(Saturated(cell.capacity.memory_mb));
  proto.mutable_capacity()->set_disk_mb(Saturated(cell.capacity.disk_mb));
  proto.mutable_capacity()->set_containers(Saturated(cell.capacity.containers));
  for (const RootFsProvider& provider : cell.rootfs_providers) {
    models::Provider* out = proto.add_rootfs_providers();
    out->set_name(provider.name);
    for (const std::string& property : provider.properties) out->add_properties(property);
  }
  for (const std::string& tag : cell.placement_tags) proto.add_placement_tags(tag);
  for (const std::string& tag : cell.optional_placement_tags) {
    proto.add_optional_placement_tags(tag);
  }
  ToProto(cell.annotations, proto.mutable_annotations());
  return proto;
}

CellPresence FromProto(const models::CellPresence& proto) {
  CellPresence cell;
  cell.cell_id = CellId(proto.cell_id());
  cell.rep_address = proto.rep_address();
  cell.rep_url = proto.rep_url();
  cell.rep_grpc_address = proto.rep_grpc_address();
  cell.zone = proto.zone();
  cell.capacity = {proto.capacity().memory_mb(), proto.capacity().disk_mb(),
                   proto.capacity().containers()};
  for (const models::Provider& provider : proto.rootfs_providers()) {
    cell.rootfs_providers.push_back(
        {provider.name(), {provider.properties().begin(), provider.properties().end()}});
  }
  cell.placement_tags = {proto.placement_tags().begin(), proto.placement_tags().end()};
  cell.optional_placement_tags = {proto.optional_placement_tags().begin(),
                                  proto.optional_placement_tags().end()};
  cell.annotations = FromProto(proto.annotations());
  return cell;
}

}  // namespace diego::wire
