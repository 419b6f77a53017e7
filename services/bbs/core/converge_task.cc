#include "services/bbs/core/converge_task.h"

#include <utility>

#include "services/bbs/core/auction.h"
#include "services/bbs/core/task_rules.h"

namespace diego::bbs {
namespace {

constexpr char kNotStarted[] = "not started within time limit";
constexpr char kCellDisappeared[] = "cell disappeared before completion";

void ConvergePending(const Facts& facts, const Converge& command, const Record<Task>& task,
                     ConvergenceCounts* counts, Outcome* outcome) {
  const absl::Time now = facts.stamp.now;
  if (now - task->created_at > command.settings.expire_pending_task) {
    outcome->changes.push_back(Becomes(task, FailedTask(*task, kNotStarted, now)));
    return;
  }
  ++counts->tasks_kicked;
  Auction(*task, outcome);
}

void ConvergeRunning(const Facts& facts, const Converge& command, const Record<Task>& task,
                     Outcome* outcome) {
  if (!command.IsAbsent(task->cell_id)) return;
  Task lost = FailedTask(*task, kCellDisappeared, facts.stamp.now);
  lost.cell_id = task->cell_id;
  outcome->changes.push_back(Becomes(task, std::move(lost)));
}

void ConvergeCompleted(const Facts& facts, const Converge& command, const Record<Task>& task,
                       ConvergenceCounts* counts, Outcome* outcome) {
  const absl::Time now = facts.stamp.now;
  if (now - task->first_completed_at > command.settings.expire_completed_task) {
    ++counts->tasks_pruned;
    outcome->changes.push_back(Disappears(task));
  } else if (now - task->updated_at > command.settings.kick_task) {
    Callback(task, outcome);
  }
}

void ConvergeResolving(const Facts& facts, const Converge& command, const Record<Task>& task,
                       ConvergenceCounts* counts, Outcome* outcome) {
  if (facts.stamp.now - task->updated_at <= command.settings.kick_task) return;
  Task demoted = *task;
  demoted.state = TaskState::kCompleted;
  const Record<Task> completed = MakeRecord(std::move(demoted));
  outcome->changes.push_back(TaskChange{task, completed});
  ConvergeCompleted(facts, command, completed, counts, outcome);
}

}  // namespace

void ConvergeTask(const Facts& facts, const Converge& command, const Record<Task>& task,
                  ConvergenceCounts* counts, Outcome* outcome) {
  switch (task->state) {
    case TaskState::kInvalid: break;
    case TaskState::kPending:
      ++counts->tasks_pending;
      ConvergePending(facts, command, task, counts, outcome);
      break;
    case TaskState::kRunning: ConvergeRunning(facts, command, task, outcome); break;
    case TaskState::kCompleted:
      ++counts->tasks_completed;
      ConvergeCompleted(facts, command, task, counts, outcome);
      break;
    case TaskState::kResolving:
      ++counts->tasks_resolving;
      ConvergeResolving(facts, command, task, counts, outcome);
      break;
  }
}

}  // namespace diego::bbs
