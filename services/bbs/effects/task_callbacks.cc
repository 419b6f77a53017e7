#include "services/bbs/effects/task_callbacks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/wire/json.h"
#include "libs/wire/task.h"

namespace diego::bbs {
namespace {

// Worth another attempt; any other answer counts as delivered, any other failure as final.
bool WorthAnotherAttempt(const http_client::Outcome& outcome) {
  if (!outcome.ok()) return absl::IsDeadlineExceeded(outcome.status());
  return outcome->status == 503 || outcome->status == 504;
}

}  // namespace

TaskCallbacks::TaskCallbacks(const Options& options, const Clock& clock, const log::Logger& log,
                             SubmitFunction submit, EffectsMetrics* metrics)
    : options_(options),
      clock_(clock),
      log_(log.Session("handle-completed-task")),
      submit_(std::move(submit)),
      metrics_(metrics),
      resolved_(std::make_shared<BoundedQueue<Record<Task>>>(options.queue_callbacks)) {}

void TaskCallbacks::Complete(CompleteTaskCallback callback) {
  // One that is not Completed any more is somebody else's to tell: the command is refused.
  const TaskGuid task_guid = callback.task->task_guid;
  const absl::Status status =
      submit_({ResolvingTask{task_guid},
               [queue = resolved_, task = std::move(callback.task)](const Reply& reply) mutable {
                 if (reply.status.ok()) queue->TryPush(std::move(task));
               }});
  if (!status.ok()) log_.Error("failed-to-mark-resolving", status);
}

void TaskCallbacks::Step(absl::Duration patience) {
  const absl::Duration now = clock_.Monotonic();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const Attempt due = std::move(waiting_.extract(waiting_.begin()).mapped());
    Post(due.task, due.number);
  }
  if (!waiting_.empty()) patience = std::min(patience, waiting_.begin()->first - now);
  const size_t room = options_.posts_at_once - std::min(options_.posts_at_once, posts_.under_way());
  if (room > 0) {
    // With posts under way it is they who are waited for.
    const absl::Duration wait = posts_.under_way() > 0 ? absl::ZeroDuration() : patience;
    for (const Record<Task>& task : resolved_->PopSome(room, wait)) Post(task, 1);
  }
  if (posts_.under_way() > 0) posts_.Step(std::min(patience, absl::Milliseconds(20)));
}

void TaskCallbacks::Post(const Record<Task>& task, int attempt) {
  http_client::Request request;
  request.method = "POST";
  request.url = task->completion_callback_url;
  request.headers = {"Content-Type: application/json"};
  request.body = wire::ToJson(wire::ToCallbackProto(*task));
  request.tls = options_.tls;
  request.timeout = options_.timeout;
  posts_.Begin(std::move(request), [this, task, attempt](const http_client::Outcome& outcome) {
    Posted(task, attempt, outcome);
  });
}

void TaskCallbacks::Posted(const Record<Task>& task, int attempt,
                           const http_client::Outcome& outcome) {
  const bool again = WorthAnotherAttempt(outcome);
  const bool room = waiting_.size() < options_.posts_at_once;
  if (again && attempt < options_.attempts && room) {
    const absl::Duration pause = options_.pause * (1 << (attempt - 1));
    waiting_.emplace(clock_.Monotonic() + pause, Attempt{task, attempt + 1});
    return;
  }
  if (again || !outcome.ok()) {
    // Stays Resolving; convergence demotes it to Completed and submits it again.
    log_.Error("callback-failed",
               outcome.ok() ? absl::UnavailableError("asked to try later") : outcome.status(),
               {{"task_guid", task->task_guid.value()},
                {"http_status", outcome.ok() ? outcome->status : 0}});
    metrics_->CallbackEnded(false);
    return;
  }
  metrics_->CallbackEnded(true);
  const absl::Status status =
      submit_({DeleteTask{task->task_guid}, [log = log_](const Reply& reply) {
                 if (!reply.status.ok()) log.Error("failed-to-delete-task", reply.status);
               }});
  if (!status.ok()) log_.Error("failed-to-delete-task", status);
}

}  // namespace diego::bbs
