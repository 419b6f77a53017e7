// Calls on tasks.
#include "libs/models/error.h"
#include "libs/wire/task.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {

void BbsCalls::DesireTask(const Caller& caller, const models::DesireTaskRequest& request,
                          models::TaskLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kDesireTask, request, std::move(finish));
}

void BbsCalls::StartTask(const Caller& caller, const models::StartTaskRequest& request,
                         models::StartTaskResponse* response, Finish finish) const {
  return RunForCell(
      caller, BbsCall::kStartTask, request, std::move(finish),
      [response](const Reply& reply) { response->set_should_start(reply.should_start); });
}

void BbsCalls::CancelTask(const Caller& caller, const models::TaskGuidRequest& request,
                          models::TaskLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kCancelTask, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kCancelTask, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request,
             Command(bbs::CancelTask{TaskGuid(request.task_guid())}));
}

void BbsCalls::FailTask(const Caller& caller, const models::FailTaskRequest& request,
                        models::TaskLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kFailTask, request, std::move(finish));
}

void BbsCalls::RejectTask(const Caller& caller, const models::RejectTaskRequest& request,
                          models::TaskLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kRejectTask, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kRejectTask, request);
  if (!term.ok()) return answer.Send(term.status());
  // The request names no cell: a cell may hand back only what runs on it.
  std::optional<CellId> by_cell;
  if (caller.peer.role == rpc::Role::kRep) by_cell = caller.peer.cell_id;
  return Run(answer, caller, term, request, ToCommand(request, std::move(by_cell)));
}

void BbsCalls::CompleteTask(const Caller& caller, const models::CompleteTaskRequest& request,
                            models::TaskLifecycleResponse*, Finish finish) const {
  return RunForCell(caller, BbsCall::kCompleteTask, request, std::move(finish));
}

void BbsCalls::ResolvingTask(const Caller& caller, const models::TaskGuidRequest& request,
                             models::TaskLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kResolvingTask, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kResolvingTask, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request,
             Command(bbs::ResolvingTask{TaskGuid(request.task_guid())}));
}

void BbsCalls::DeleteTask(const Caller& caller, const models::TaskGuidRequest& request,
                          models::TaskLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kDeleteTask, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDeleteTask, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request,
             Command(bbs::DeleteTask{TaskGuid(request.task_guid())}));
}

void BbsCalls::Tasks(const Caller& caller, const models::TasksRequest& request,
                     models::TasksResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kTasks, kTaskList, request, response, std::move(finish));
}

void BbsCalls::TaskByGuid(const Caller& caller, const models::TaskByGuidRequest& request,
                          models::TaskResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kTaskByGuid, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kTaskByGuid, request);
  if (!term.ok()) return answer.Send(term.status());
  uint64_t revision = 0;
  const auto record = (*term)->view().FindTask(TaskGuid(request.task_guid()), &revision);
  if (!record.ok()) return answer.Send(record.status());
  response->set_revision(static_cast<int64_t>(revision));
  absl::StatusOr<models::Task> proto = wire::ToProto(**record);
  if (!proto.ok()) return answer.Send(proto.status());
  *response->mutable_task() = *std::move(proto);
  return answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
