// Task <-> the messages of proto/models/task.proto. Pure functions. The definition is kept as
// bytes, whole, with fields that we do not know. Source: reference/wire-models.md "Tasks".
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/models/task.h"
#include "proto/models/task.pb.h"

namespace diego::wire {

// Deserialize when the definition holds no such message. On the way out whichever of metrics_guid
// and metric_tags["source_id"] is missing is filled from the other.
absl::StatusOr<models::Task> ToProto(const Task& task);
// Refuses an unknown state: InvalidRequest.
absl::StatusOr<Task> FromProto(const models::Task& proto);

// A pending task with the request's guid, domain and definition; its times are the epoch.
Task FromProto(const models::DesireTaskRequest& proto);

// Sets task.definition to `definition` and everything that is drawn from it.
void SetDefinition(const models::TaskDefinition& definition, Task* task);
// As SetDefinition, from bytes that a store kept. Deserialize, and `task` unchanged, when they are
// no definition.
absl::Status SetDefinitionBytes(std::string bytes, Task* task);
// The definition, parsed. Deserialize when it holds no such message.
absl::StatusOr<models::TaskDefinition> DefinitionOf(const Task& task);

// What is posted to completion_callback_url, as JSON.
models::TaskCallbackResponse ToCallbackProto(const Task& task);

}  // namespace diego::wire
