#include "libs/wire/cell_state.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/enums.h"
#include "proto/models/task.pb.h"

namespace diego::wire {
namespace {

using Strings = google::protobuf::RepeatedPtrField<std::string>;

Strings ToStrings(const std::vector<std::string>& values) {
  return Strings(values.begin(), values.end());
}
std::vector<std::string> FromStrings(const Strings& values) {
  return std::vector<std::string>(values.begin(), values.end());
}

CellResources ResourcesProto(const Resources& resources) {
  CellResources proto;
  proto.set_memory_mb(resources.memory_mb);
  proto.set_disk_mb(resources.disk_mb);
  proto.set_containers(resources.containers);
  return proto;
}
Resources ResourcesOf(const CellResources& proto) {
  return {proto.memory_mb(), proto.disk_mb(), proto.containers()};
}

template <typename Protos>
absl::Status AppendTasks(const Protos& protos, std::vector<CellTask>* tasks) {
  for (const TaskOnCell& proto : protos) {
    DIEGO_ASSIGN_OR_RETURN(CellTask task, FromProto(proto));
    tasks->push_back(std::move(task));
  }
  return absl::OkStatus();
}

}  // namespace

WorkloadDemand ToProto(const PlacementConstraint& placement, const WorkloadSize& size) {
  WorkloadDemand proto;
  proto.set_root_fs(placement.root_fs);
  *proto.mutable_placement_tags() = ToStrings(placement.placement_tags);
  *proto.mutable_volume_drivers() = ToStrings(placement.volume_drivers);
  proto.set_memory_mb(size.memory_mb);
  proto.set_disk_mb(size.disk_mb);
  proto.set_max_pids(size.max_pids);
  return proto;
}

void FromProto(const WorkloadDemand& proto, PlacementConstraint* placement, WorkloadSize* size) {
  placement->root_fs = proto.root_fs();
  placement->placement_tags = FromStrings(proto.placement_tags());
  placement->volume_drivers = FromStrings(proto.volume_drivers());
  size->memory_mb = proto.memory_mb();
  size->disk_mb = proto.disk_mb();
  size->max_pids = proto.max_pids();
}

LRPOnCell ToProto(const CellLrp& lrp) {
  LRPOnCell proto;
  *proto.mutable_key() = ToProto(lrp.key);
  proto.set_instance_guid(lrp.instance_guid.value());
  *proto.mutable_demand() = ToProto(lrp.placement, lrp.size);
  proto.set_state(lrp.state);
  proto.set_definition_id(lrp.definition_id);
  return proto;
}

CellLrp FromProto(const LRPOnCell& proto) {
  CellLrp lrp;
  lrp.key = FromProto(proto.key());
  lrp.instance_guid = InstanceGuid(proto.instance_guid());
  FromProto(proto.demand(), &lrp.placement, &lrp.size);
  lrp.state = proto.state();
  lrp.definition_id = proto.definition_id();
  return lrp;
}

TaskOnCell ToProto(const CellTask& task) {
  TaskOnCell proto;
  proto.set_task_guid(task.task_guid.value());
  proto.set_domain(task.domain.value());
  *proto.mutable_demand() = ToProto(task.placement, task.size);
  proto.set_state(static_cast<int32_t>(task.state));
  proto.set_failed(task.failed);
  return proto;
}

absl::StatusOr<CellTask> FromProto(const TaskOnCell& proto) {
  CellTask task;
  task.task_guid = TaskGuid(proto.task_guid());
  task.domain = Domain(proto.domain());
  FromProto(proto.demand(), &task.placement, &task.size);
  DIEGO_RETURN_IF_ERROR(ReadEnum("state", proto.state(), models::Task::State_IsValid, &task.state));
  task.failed = proto.failed();
  return task;
}

StateResponse ToProto(const CellState& state) {
  StateResponse proto;
  proto.set_cell_id(state.cell_id.value());
  proto.set_rep_url(state.rep_url);
  proto.set_cell_index(state.cell_index);
  proto.set_zone(state.zone);
  for (const auto& [scheme, support] : state.rootfs_providers) {
    RootFSSupport& out = (*proto.mutable_rootfs_providers())[scheme];
    out.set_arbitrary(support.arbitrary);
    *out.mutable_names() = ToStrings(support.names);
  }
  *proto.mutable_available() = ResourcesProto(state.available);
  *proto.mutable_total() = ResourcesProto(state.total);
  for (const CellLrp& lrp : state.lrps) *proto.add_lrps() = ToProto(lrp);
  for (const CellTask& task : state.tasks) *proto.add_tasks() = ToProto(task);
  proto.set_starting_container_count(state.starting_container_count);
  proto.set_evacuating(state.evacuating);
  *proto.mutable_volume_drivers() = ToStrings(state.volume_drivers);
  *proto.mutable_placement_tags() = ToStrings(state.placement_tags);
  *proto.mutable_optional_placement_tags() = ToStrings(state.optional_placement_tags);
  proto.set_proxy_memory_allocation_mb(state.proxy_memory_allocation_mb);
  return proto;
}

absl::StatusOr<CellState> FromProto(const StateResponse& proto) {
  CellState state;
  state.cell_id = CellId(proto.cell_id());
  state.rep_url = proto.rep_url();
  state.cell_index = proto.cell_index();
  state.zone = proto.zone();
  for (const auto& [scheme, support] : proto.rootfs_providers()) {
    state.rootfs_providers[scheme] = {support.arbitrary(), FromStrings(support.names())};
  }
  state.available = ResourcesOf(proto.available());
  state.total = ResourcesOf(proto.total());
  state.lrps.reserve(proto.lrps_size());
  for (const LRPOnCell& lrp : proto.lrps()) state.lrps.push_back(FromProto(lrp));
  DIEGO_RETURN_IF_ERROR(AppendTasks(proto.tasks(), &state.tasks));
  state.starting_container_count = proto.starting_container_count();
  state.evacuating = proto.evacuating();
  state.volume_drivers = FromStrings(proto.volume_drivers());
  state.placement_tags = FromStrings(proto.placement_tags());
  state.optional_placement_tags = FromStrings(proto.optional_placement_tags());
  state.proxy_memory_allocation_mb = proto.proxy_memory_allocation_mb();
  return state;
}

WorkRequest ToProto(const Work& work) {
  WorkRequest proto;
  proto.set_cell_id(work.cell_id.value());
  for (const CellLrp& lrp : work.lrps) *proto.add_lrps() = ToProto(lrp);
  for (const CellTask& task : work.tasks) *proto.add_tasks() = ToProto(task);
  return proto;
}

absl::StatusOr<Work> FromProto(const WorkRequest& proto) {
  Work work;
  work.cell_id = CellId(proto.cell_id());
  for (const LRPOnCell& lrp : proto.lrps()) work.lrps.push_back(FromProto(lrp));
  DIEGO_RETURN_IF_ERROR(AppendTasks(proto.tasks(), &work.tasks));
  return work;
}

WorkResponse RejectedProto(const Work& rejected) {
  WorkResponse proto;
  for (const CellLrp& lrp : rejected.lrps) *proto.add_rejected_lrps() = ToProto(lrp);
  for (const CellTask& task : rejected.tasks) *proto.add_rejected_tasks() = ToProto(task);
  return proto;
}

absl::StatusOr<Work> FromProto(const WorkResponse& proto) {
  Work rejected;
  for (const LRPOnCell& lrp : proto.rejected_lrps()) rejected.lrps.push_back(FromProto(lrp));
  DIEGO_RETURN_IF_ERROR(AppendTasks(proto.rejected_tasks(), &rejected.tasks));
  return rejected;
}

UpdateLRPRequest ToProto(const LrpInstanceUpdate& update) {
  UpdateLRPRequest proto;
  *proto.mutable_key() = ToProto(update.key);
  *proto.mutable_instance_key() = ToProto(update.instance);
  if (update.has_internal_routes) {
    ToProto(update.internal_routes, proto.mutable_internal_routes()->mutable_routes());
  }
  if (update.has_metric_tags) {
    ToProto(update.metric_tags, proto.mutable_metric_tags()->mutable_tags());
  }
  return proto;
}

LrpInstanceUpdate FromProto(const UpdateLRPRequest& proto) {
  LrpInstanceUpdate update;
  update.key = FromProto(proto.key());
  update.instance = FromProto(proto.instance_key());
  update.has_internal_routes = proto.has_internal_routes();
  update.internal_routes = FromProto(proto.internal_routes().routes());
  update.has_metric_tags = proto.has_metric_tags();
  update.metric_tags = FromProto(proto.metric_tags().tags());
  return update;
}

LRPAuction ToProto(const LrpStartRequest& request) {
  LRPAuction proto;
  proto.set_process_guid(request.process_guid.value());
  proto.set_domain(request.domain.value());
  proto.mutable_indices()->Add(request.indices.begin(), request.indices.end());
  *proto.mutable_demand() = ToProto(request.placement, request.size);
  proto.set_definition_id(request.definition_id);
  return proto;
}

LrpStartRequest FromProto(const LRPAuction& proto) {
  LrpStartRequest request;
  request.process_guid = ProcessGuid(proto.process_guid());
  request.domain = Domain(proto.domain());
  request.indices.assign(proto.indices().begin(), proto.indices().end());
  FromProto(proto.demand(), &request.placement, &request.size);
  request.definition_id = proto.definition_id();
  return request;
}

TaskAuction ToProto(const TaskStartRequest& request) {
  TaskAuction proto;
  proto.set_task_guid(request.task_guid.value());
  proto.set_domain(request.domain.value());
  *proto.mutable_demand() = ToProto(request.placement, request.size);
  return proto;
}

TaskStartRequest FromProto(const TaskAuction& proto) {
  TaskStartRequest request;
  request.task_guid = TaskGuid(proto.task_guid());
  request.domain = Domain(proto.domain());
  FromProto(proto.demand(), &request.placement, &request.size);
  return request;
}

ContainerMetricsResponse ToProto(const CellUsage& usage) {
  ContainerMetricsResponse proto;
  proto.set_cell_id(usage.cell_id.value());
  for (const ContainerUse& use : usage.containers) {
    ContainerMetric* metric = proto.add_containers();
    metric->set_container_guid(use.container_guid);
    metric->set_process_guid(use.process_guid.value());
    metric->set_index(use.index);
    metric->set_cpu_usage_fraction(use.cpu_usage_fraction);
    metric->set_memory_usage_bytes(use.memory_usage_bytes);
    metric->set_memory_quota_bytes(use.memory_quota_bytes);
    metric->set_disk_usage_bytes(use.disk_usage_bytes);
    metric->set_disk_quota_bytes(use.disk_quota_bytes);
    metric->set_metric_guid(use.metric_guid);
  }
  return proto;
}

CellUsage FromProto(const ContainerMetricsResponse& proto) {
  CellUsage usage;
  usage.cell_id = CellId(proto.cell_id());
  for (const ContainerMetric& metric : proto.containers()) {
    usage.containers.push_back(
        {metric.container_guid(), ProcessGuid(metric.process_guid()), metric.index(),
         metric.cpu_usage_fraction(), metric.memory_usage_bytes(), metric.memory_quota_bytes(),
         metric.disk_usage_bytes(), metric.disk_quota_bytes(), metric.metric_guid()});
  }
  return usage;
}

}  // namespace diego::wire
