#include "services/bbs/core/task_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/auction.h"

namespace diego::bbs {
namespace {

constexpr char kCancelled[] = "task was cancelled";

absl::Status NotFound() { return DiegoError(ErrorType::kResourceNotFound); }

absl::Status CannotTransition(TaskState from, TaskState to) {
  return DiegoError(
      ErrorType::kInvalidStateTransition,
      absl::StrCat("Cannot transition from ", TaskStateName(from), " to ", TaskStateName(to)));
}

bool IsOpen(const Task& task) {
  return task.state == TaskState::kPending || task.state == TaskState::kRunning;
}

Task Completed(const Task& task, absl::Time now) {
  Task next = task;
  next.state = TaskState::kCompleted;
  next.cell_id = CellId();
  next.updated_at = now;
  next.first_completed_at = now;
  return next;
}

// The task comes to its end: the row changes and whoever waits for it is called.
void Finish(const Record<Task>& before, Task after, Outcome* outcome) {
  const Record<Task> finished = MakeRecord(std::move(after));
  outcome->changes.push_back(TaskChange{before, finished});
  Callback(finished, outcome);
}

Outcome FailWith(const Record<Task>& task, const std::string& reason, absl::Time now) {
  if (task == nullptr) return Refuse(NotFound());
  if (!IsOpen(*task)) return Refuse(CannotTransition(task->state, TaskState::kCompleted));
  Outcome outcome;
  Finish(task, FailedTask(*task, reason, now), &outcome);
  return outcome;
}

}  // namespace

Task FailedTask(const Task& task, const std::string& reason, absl::Time now) {
  Task failed = Completed(task, now);
  failed.failed = true;
  failed.failure_reason = StoredText(reason);
  failed.result.clear();
  return failed;
}

Outcome Decide(const Facts& facts, const DesireTask& command) {
  if (facts.state.FindTask(command.task.task_guid)) {
    return Refuse(DiegoError(ErrorType::kResourceExists));
  }
  Task task;
  task.task_guid = command.task.task_guid;
  task.domain = command.task.domain;
  task.definition = command.task.definition;
  task.size = command.task.size;
  task.placement = command.task.placement;
  task.completion_callback_url = command.task.completion_callback_url;
  task.annotation = command.task.annotation;
  task.created_at = facts.stamp.now;
  task.updated_at = facts.stamp.now;
  task.state = TaskState::kPending;
  Outcome outcome;
  Auction(task, &outcome);
  outcome.changes.push_back(Appears(MakeRecord(std::move(task))));
  return outcome;
}

Outcome Decide(const Facts& facts, const StartTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  if (task == nullptr) return Refuse(NotFound());
  Outcome outcome;
  if (task->state == TaskState::kRunning && task->cell_id == command.cell_id) return outcome;
  if (task->state != TaskState::kPending) {
    return Refuse(CannotTransition(task->state, TaskState::kRunning));
  }
  Task running = *task;
  running.state = TaskState::kRunning;
  running.cell_id = command.cell_id;
  running.placement_refusal = Opaque();
  running.updated_at = facts.stamp.now;
  outcome.changes.push_back(Becomes(task, std::move(running)));
  outcome.should_start = true;
  return outcome;
}

Outcome Decide(const Facts& facts, const CompleteTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  if (task == nullptr) return Refuse(NotFound());
  if (task->state == TaskState::kRunning && task->cell_id != command.cell_id) {
    return Refuse(DiegoError(
        ErrorType::kRunningOnDifferentCell,
        absl::StrCat("Running on cell ", task->cell_id.value(), " not ", command.cell_id.value())));
  }
  if (task->state != TaskState::kRunning) {
    return Refuse(CannotTransition(task->state, TaskState::kCompleted));
  }
  Task completed = Completed(*task, facts.stamp.now);
  completed.failed = command.failed;
  completed.failure_reason = StoredText(command.failure_reason);
  completed.result = command.result;
  Outcome outcome;
  Finish(task, std::move(completed), &outcome);
  return outcome;
}

Outcome Decide(const Facts& facts, const CancelTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  Outcome outcome = FailWith(task, kCancelled, facts.stamp.now);
  if (outcome.status.ok() && !task->cell_id.empty()) {
    outcome.effects.push_back(CancelTaskOnCell{task->task_guid, task->cell_id});
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const FailTask& command) {
  return FailWith(facts.state.FindTask(command.task_guid), command.reason, facts.stamp.now);
}

Outcome Decide(const Facts& facts, const RejectTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  if (task == nullptr) return Refuse(NotFound());
  if (command.by_cell && (task->cell_id != *command.by_cell || command.by_cell->empty())) {
    return Refuse(absl::PermissionDeniedError(
        absl::StrCat("task ", command.task_guid.value(), " does not run on cell \"",
                     command.by_cell->value(), "\", which may not hand it back")));
  }
  if (!IsOpen(*task)) return Refuse(DiegoError(ErrorType::kInvalidRequest));
  Task pending = *task;
  pending.state = TaskState::kPending;
  pending.cell_id = CellId();
  pending.rejection_count = task->rejection_count + 1;
  pending.rejection_reason = StoredText(command.reason);
  pending.placement_refusal = command.placement_refusal;
  pending.updated_at = facts.stamp.now;
  const Record<Task> rejected = MakeRecord(std::move(pending));
  Outcome outcome;
  outcome.changes.push_back(TaskChange{task, rejected});
  if (task->rejection_count >= facts.settings.max_task_retries) {
    Finish(rejected, FailedTask(*rejected, command.reason, facts.stamp.now), &outcome);
  }
  return outcome;
}

Outcome Decide(const Facts& facts, const ResolvingTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  if (task == nullptr) return Refuse(NotFound());
  if (task->state != TaskState::kCompleted) {
    return Refuse(CannotTransition(task->state, TaskState::kResolving));
  }
  Task resolving = *task;
  resolving.state = TaskState::kResolving;
  resolving.updated_at = facts.stamp.now;
  Outcome outcome;
  outcome.changes.push_back(Becomes(task, std::move(resolving)));
  return outcome;
}

Outcome Decide(const Facts& facts, const DeleteTask& command) {
  const Record<Task> task = facts.state.FindTask(command.task_guid);
  if (task == nullptr) return Refuse(NotFound());
  if (task->state != TaskState::kResolving) {
    return Refuse(CannotTransition(task->state, TaskState::kResolving));
  }
  Outcome outcome;
  outcome.changes.push_back(Disappears(task));
  return outcome;
}

}  // namespace diego::bbs
