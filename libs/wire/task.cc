#include "libs/wire/task.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/enums.h"
#include "libs/wire/metric_tags.h"
#include "libs/wire/placement.h"
#include "libs/wire/serialize.h"
#include "libs/wire/utf8.h"

namespace diego::wire {
namespace {

void Draw(const models::TaskDefinition& definition, Task* task) {
  task->size = {definition.memory_mb(), definition.disk_mb(), definition.max_pids()};
  task->placement.root_fs = definition.root_fs();
  task->placement.placement_tags = {definition.placement_tags().begin(),
                                    definition.placement_tags().end()};
  task->placement.volume_drivers.clear();
  for (const models::VolumeMount& mount : definition.volume_mounts()) {
    task->placement.volume_drivers.push_back(mount.driver());
  }
  task->completion_callback_url = definition.completion_callback_url();
  task->annotation = definition.annotation();
}

}  // namespace

absl::StatusOr<models::Task> ToProto(const Task& task) {
  models::Task proto;
  models::TaskDefinition* definition = proto.mutable_task_definition();
  DIEGO_RETURN_IF_ERROR(Parse(task.definition.bytes(), "task_definition", definition));
  FillSourceId(definition->mutable_metrics_guid(), definition->mutable_metric_tags());
  proto.set_task_guid(task.task_guid.value());
  proto.set_domain(task.domain.value());
  proto.set_created_at(absl::ToUnixNanos(task.created_at));
  proto.set_updated_at(absl::ToUnixNanos(task.updated_at));
  proto.set_first_completed_at(absl::ToUnixNanos(task.first_completed_at));
  proto.set_state(static_cast<models::Task::State>(task.state));
  proto.set_cell_id(task.cell_id.value());
  proto.set_result(ValidUtf8(task.result));
  proto.set_failed(task.failed);
  proto.set_failure_reason(ValidUtf8(task.failure_reason));
  proto.set_rejection_count(task.rejection_count);
  proto.set_rejection_reason(ValidUtf8(task.rejection_reason));
  if (!task.placement_refusal.empty()) {
    *proto.mutable_placement_refusal() = PlacementRefusalOf(task.placement_refusal);
  }
  return proto;
}

absl::StatusOr<Task> FromProto(const models::Task& proto) {
  Task task;
  SetDefinition(proto.task_definition(), &task);
  task.task_guid = TaskGuid(proto.task_guid());
  task.domain = Domain(proto.domain());
  task.created_at = absl::FromUnixNanos(proto.created_at());
  task.updated_at = absl::FromUnixNanos(proto.updated_at());
  task.first_completed_at = absl::FromUnixNanos(proto.first_completed_at());
  DIEGO_RETURN_IF_ERROR(ReadEnum("state", proto.state(), models::Task::State_IsValid, &task.state));
  task.cell_id = CellId(proto.cell_id());
  task.result = proto.result();
  task.failed = proto.failed();
  task.failure_reason = proto.failure_reason();
  task.rejection_count = proto.rejection_count();
  task.rejection_reason = proto.rejection_reason();
  if (proto.has_placement_refusal()) {
    task.placement_refusal = PlacementRefusalBytes(proto.placement_refusal());
  }
  return task;
}

Task FromProto(const models::DesireTaskRequest& proto) {
  Task task;
  SetDefinition(proto.task_definition(), &task);
  task.task_guid = TaskGuid(proto.task_guid());
  task.domain = Domain(proto.domain());
  return task;
}

void SetDefinition(const models::TaskDefinition& definition, Task* task) {
  Draw(definition, task);
  task->definition = Opaque(Serialize(definition));
}

absl::Status SetDefinitionBytes(std::string bytes, Task* task) {
  models::TaskDefinition definition;
  DIEGO_RETURN_IF_ERROR(Parse(bytes, "task_definition", &definition));
  Draw(definition, task);
  task->definition = Opaque(std::move(bytes));
  return absl::OkStatus();
}

absl::StatusOr<models::TaskDefinition> DefinitionOf(const Task& task) {
  models::TaskDefinition definition;
  DIEGO_RETURN_IF_ERROR(Parse(task.definition.bytes(), "task_definition", &definition));
  return definition;
}

models::TaskCallbackResponse ToCallbackProto(const Task& task) {
  models::TaskCallbackResponse proto;
  proto.set_task_guid(task.task_guid.value());
  proto.set_failed(task.failed);
  proto.set_failure_reason(ValidUtf8(task.failure_reason));
  proto.set_result(ValidUtf8(task.result));
  proto.set_annotation(task.annotation);
  proto.set_created_at(absl::ToUnixNanos(task.created_at));
  return proto;
}

}  // namespace diego::wire
