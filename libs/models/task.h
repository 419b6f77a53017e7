// Task: work that runs once to completion.
// Source: reference/wire-models.md "Tasks"; behaviours.md section 5.
#pragma once

#include <cstdint>
#include <string>
#include "absl/strings/string_view.h"

#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "libs/models/opaque.h"
#include "libs/models/resources.h"

namespace diego {

enum class TaskState : int32_t {
  kInvalid = 0,
  kPending = 1,
  kRunning = 2,
  kCompleted = 3,
  kResolving = 4
};

// "Pending", "Running", "Completed", "Resolving", "Invalid".
absl::string_view TaskStateName(TaskState state);

struct Task {
  TaskGuid task_guid;
  Domain domain;
  absl::Time created_at;
  absl::Time updated_at;
  absl::Time first_completed_at = absl::UnixEpoch();  // the epoch until completed
  TaskState state = TaskState::kPending;
  CellId cell_id;
  std::string result;
  bool failed = false;
  std::string failure_reason;  // at most 1024 bytes
  int32_t rejection_count = 0;
  std::string rejection_reason;  // at most 1024 bytes
  Opaque placement_refusal;      // a serialized models.PlacementRefusal; until it starts
  // A serialized models.TaskDefinition, whole, unknown fields included.
  Opaque definition;
  // What rules need of the definition; drawn from it when the record is made or read.
  WorkloadSize size;
  PlacementConstraint placement;
  std::string completion_callback_url;
  std::string annotation;

  friend bool operator==(const Task&, const Task&) = default;
};

}  // namespace diego
