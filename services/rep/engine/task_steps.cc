#include "services/rep/engine/task_steps.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/rep/engine/container_view.h"
#include "services/rep/engine/lrp_steps.h"

namespace diego::rep {
namespace {

// Source: reference/behaviours.md section 9.
constexpr char kFailedToRun[] = "failed to run container";
constexpr char kFailedToFetchResult[] = "failed to fetch result";
constexpr char kInvalidStateTransition[] = "invalid state transition";
constexpr char kContainerMissing[] = "task container does not exist";

absl::Status UnlessGone(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

struct TaskSteps::Subject {
  TaskGuid task_guid;
  std::optional<Task> task;
  std::optional<Container> container;
  log::Logger log;
};

TaskSteps::TaskSteps(CellId cell_id, Executor& executor, Records& records, CellNotes& notes,
                     RepMetrics& metrics, const log::Logger& log)
    : cell_id_(std::move(cell_id)),
      executor_(executor),
      records_(records),
      notes_(notes),
      metrics_(metrics),
      log_(log.Session("task-processor")) {}

TaskAction TaskSteps::Decide(const std::optional<Container>& container,
                             const std::optional<Task>& task) const {
  ContainerPhase phase = ContainerPhase::kMissing;
  if (container) {
    const absl::StatusOr<CellContainer> view = ViewOf(*container);
    if (view.ok()) phase = view->phase;
  }
  return ReconcileTask(MatchTask(task, cell_id_), phase);
}

absl::Status TaskSteps::Handle(const WorkItem& item) {
  Subject subject{TaskGuid(item.guid), std::nullopt, std::nullopt,
                  log_.Session("process", {{"task_guid", item.guid}})};
  if (absl::StatusOr<Container> found = executor_.Get(item.guid); found.ok()) {
    subject.container = *std::move(found);
  } else {
    notes_.Forget(item.guid);
  }
  absl::StatusOr<Task> task = records_.TaskOf(subject.task_guid);
  if (task.ok()) {
    subject.task = *std::move(task);
  } else if (!absl::IsNotFound(task.status())) {
    return task.status();
  }
  const TaskAction action = Decide(subject.container, subject.task);
  if (action == TaskAction::kNothing) return absl::OkStatus();
  subject.log.Debug(
      "acting",
      {{"action", TaskActionName(action)},
       {"record", TaskRecordName(MatchTask(subject.task, cell_id_))},
       {"container", subject.container ? ContainerStateName(subject.container->state) : "none"}});
  metrics_.Acted(action);
  return Act(action, subject);
}

absl::Status TaskSteps::Act(TaskAction action, const Subject& subject) {
  bool should_run = false;
  switch (action) {
    case TaskAction::kNothing: return absl::OkStatus();
    case TaskAction::kStartAndRun:
      subject.log.Info("starting-task");
      DIEGO_RETURN_IF_ERROR(Start(subject, &should_run));
      return should_run ? Run(subject) : absl::OkStatus();
    case TaskAction::kRun: return Run(subject);
    case TaskAction::kStart: return Start(subject, &should_run);
    case TaskAction::kDeleteLoudly:
      subject.log.Error("task-runs-on-two-cells",
                        absl::FailedPreconditionError("another cell has this task"),
                        {{"other_cell_id", subject.task->cell_id.value()}});
      return DeleteContainer(subject);
    case TaskAction::kDeleteContainer: return DeleteContainer(subject);
    case TaskAction::kCompleteAndDelete: return Complete(subject);
    case TaskAction::kCompleteMissing: return Fail(subject.task_guid, kContainerMissing);
  }
  return absl::OkStatus();
}

absl::Status TaskSteps::Start(const Subject& subject, bool* should_run) {
  const absl::StatusOr<bool> started = records_.StartTask(subject.task_guid);
  if (started.ok()) {
    *should_run = *started;
    return absl::OkStatus();
  }
  if (IsTransient(started.status())) return started.status();
  subject.log.Info("cannot-start-task", {{"error", started.status()}});
  return DeleteContainer(subject);
}

absl::Status TaskSteps::Run(const Subject& subject) {
  absl::StatusOr<TaskRun> run = records_.TaskRunOf(*subject.task);
  absl::Status started = run.status();
  if (run.ok()) {
    notes_.Set(subject.task_guid.value(),
               {{}, {}, std::move(run->result_file), run->spec.log.source_id()});
    started = executor_.Run(subject.task_guid.value(), std::move(run->spec));
    if (absl::IsNotFound(started)) return absl::OkStatus();  // it expired; its record is next
  }
  if (started.ok()) {
    LogIgnored(subject.log, subject.task_guid.value(), run->ignored_fields);
    return absl::OkStatus();
  }
  if (IsTransient(started)) return started;
  subject.log.Error("failed-to-run-container", started);
  DIEGO_RETURN_IF_ERROR(Fail(subject.task_guid, kFailedToRun));
  return DeleteContainer(subject);
}

absl::Status TaskSteps::Complete(const Subject& subject) {
  const RunResult& result = subject.container->result;
  if (result.failed && result.retryable) {
    const absl::Status rejected = records_.RejectTask(subject.task_guid, result.failure_reason);
    if (IsTransient(rejected)) return rejected;
    if (!rejected.ok()) subject.log.Error("failed-to-reject-task", rejected);
    return DeleteContainer(subject);
  }
  bool failed = result.failed;
  std::string reason = result.failure_reason;
  std::string output;
  const std::string result_file = notes_.Get(subject.task_guid.value()).result_file;
  if (!failed && !result_file.empty()) {
    absl::StatusOr<std::string> read =
        executor_.ReadFile(subject.task_guid.value(), result_file, kMaxResultFileBytes);
    if (read.ok()) {
      output = *std::move(read);
    } else {
      subject.log.Error("failed-to-fetch-result", read.status());
      failed = true;
      reason = kFailedToFetchResult;
    }
  }
  const absl::Status completed = records_.CompleteTask(subject.task_guid, failed, reason, output);
  if (IsTransient(completed)) return completed;  // the result is still in the container
  if (!completed.ok()) {
    subject.log.Error("failed-to-complete-task", completed);
    if (IsDiegoError(completed, ErrorType::kInvalidStateTransition)) {
      DIEGO_RETURN_IF_ERROR(Fail(subject.task_guid, kInvalidStateTransition));
    }
  }
  return DeleteContainer(subject);
}

absl::Status TaskSteps::Fail(const TaskGuid& task_guid, const std::string& reason) {
  const absl::Status failed = records_.CompleteTask(task_guid, true, reason, "");
  return IsTransient(failed) ? failed : absl::OkStatus();
}

absl::Status TaskSteps::DeleteContainer(const Subject& subject) {
  return UnlessGone(executor_.Delete(subject.task_guid.value()));
}

}  // namespace diego::rep
