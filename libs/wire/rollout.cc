#include "libs/wire/rollout.h"

#include <utility>

#include "absl/time/time.h"
#include "libs/base/status_util.h"
#include "libs/wire/serialize.h"
#include "proto/models/lrp_rollout.pb.h"

namespace diego::wire {
namespace {

void Write(const LrpDefinition& definition, models::KeptDefinition* proto) {
  proto->set_definition_id(definition.id);
  proto->set_memory_mb(definition.size.memory_mb);
  proto->set_disk_mb(definition.size.disk_mb);
  proto->set_max_pids(definition.size.max_pids);
  proto->set_root_fs(definition.placement.root_fs);
  for (const std::string& tag : definition.placement.placement_tags) proto->add_placement_tags(tag);
  for (const std::string& driver : definition.placement.volume_drivers) {
    proto->add_volume_drivers(driver);
  }
  proto->set_unknown_of_volumes(definition.placement.unknown_of_volumes.bytes());
  proto->set_image_username(definition.image_username);
  proto->set_image_password(definition.image_password);
  proto->set_run_info(definition.run_info.bytes());
}

LrpDefinition Read(models::KeptDefinition proto) {
  LrpDefinition definition;
  definition.id = proto.definition_id();
  definition.size = {proto.memory_mb(), proto.disk_mb(), proto.max_pids()};
  definition.placement = {proto.root_fs(),
                          {proto.placement_tags().begin(), proto.placement_tags().end()},
                          {proto.volume_drivers().begin(), proto.volume_drivers().end()},
                          Opaque(std::move(*proto.mutable_unknown_of_volumes()))};
  definition.image_username = proto.image_username();
  definition.image_password = proto.image_password();
  definition.run_info = Opaque(std::move(*proto.mutable_run_info()));
  return definition;
}

}  // namespace

std::string RolloutBytes(const Rollout& rollout) {
  models::LRPRollout proto;
  proto.set_healthy_id(rollout.healthy_id);
  proto.set_base_id(rollout.base_id);
  if (rollout.index) proto.set_index(*rollout.index);
  proto.set_beside(rollout.beside);
  proto.set_index_since(absl::ToUnixNanos(rollout.index_since));
  for (const GivenUpIndex& one : rollout.given_up) {
    models::GivenUpIndex* out = proto.add_given_up();
    out->set_index(one.index);
    out->set_at(absl::ToUnixNanos(one.at));
  }
  for (const LrpDefinition& definition : rollout.kept) Write(definition, proto.add_kept());
  for (const InstanceGuid& guid : rollout.stopped) proto.add_stopped_instance_guids(guid.value());
  return Serialize(proto);
}

absl::StatusOr<Rollout> RolloutFromBytes(absl::string_view bytes) {
  models::LRPRollout proto;
  DIEGO_RETURN_IF_ERROR(Parse(bytes, "rollout", &proto));
  Rollout rollout;
  rollout.healthy_id = proto.healthy_id();
  rollout.base_id = proto.base_id();
  if (proto.has_index()) rollout.index = proto.index();
  rollout.beside = proto.beside();
  rollout.index_since = absl::FromUnixNanos(proto.index_since());
  for (const models::GivenUpIndex& one : proto.given_up()) {
    rollout.given_up.push_back({one.index(), absl::FromUnixNanos(one.at())});
  }
  for (models::KeptDefinition& definition : *proto.mutable_kept()) {
    rollout.kept.push_back(Read(std::move(definition)));
  }
  for (const std::string& guid : proto.stopped_instance_guids()) rollout.stopped.emplace_back(guid);
  return rollout;
}

}  // namespace diego::wire
