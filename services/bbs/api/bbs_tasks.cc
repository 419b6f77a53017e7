// Calls on tasks.
#include "libs/models/error.h"
#include "libs/wire/task.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

TaskFilter FilterOf(const models::TasksRequest& request) {
  return {Domain(request.domain()), CellId(request.cell_id())};
}

absl::Status Add(const Task& task, models::TasksResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_tasks(), wire::ToProto(task));
  return absl::OkStatus();
}

}  // namespace

BbsService::Unary* BbsService::DesireTask(Context* context,
                                          const models::DesireTaskRequest* request,
                                          models::TaskLifecycleResponse*) {
  return RunSimply(context, BbsCall::kDesireTask, *request);
}

BbsService::Unary* BbsService::StartTask(Context* context, const models::StartTaskRequest* request,
                                         models::StartTaskResponse* response) {
  return RunForCell(context, BbsCall::kStartTask, *request, [response](const Reply& reply) {
    response->set_should_start(reply.should_start);
  });
}

BbsService::Unary* BbsService::CancelTask(Context* context, const models::TaskGuidRequest* request,
                                          models::TaskLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kCancelTask, context);
  const TermOr term = EnterWith(*context, BbsCall::kCancelTask, *request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, Command(bbs::CancelTask{TaskGuid(request->task_guid())}));
}

BbsService::Unary* BbsService::FailTask(Context* context, const models::FailTaskRequest* request,
                                        models::TaskLifecycleResponse*) {
  return RunSimply(context, BbsCall::kFailTask, *request);
}

absl::Status BbsService::RequireTaskOnCell(const Context& context, Term& term,
                                           const TaskGuid& task_guid) const {
  const rpc::PeerIdentity peer = peers_.Of(context);
  if (peer.role != rpc::Role::kRep) return absl::OkStatus();
  const auto task = term.view().FindTask(task_guid);
  if (!task.ok()) return task.status();
  return rpc::RequireCell(peer, (*task)->cell_id);
}

BbsService::Unary* BbsService::RejectTask(Context* context,
                                          const models::RejectTaskRequest* request,
                                          models::TaskLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kRejectTask, context);
  const TermOr term = EnterWith(*context, BbsCall::kRejectTask, *request);
  if (!term.ok()) return answer.Send(term.status());
  // The request names no cell: a cell may hand back only what runs on it.
  const absl::Status own = RequireTaskOnCell(*context, **term, TaskGuid(request->task_guid()));
  if (!own.ok()) return answer.Send(own);
  return Run(answer, term, ToCommand(*request));
}

BbsService::Unary* BbsService::CompleteTask(Context* context,
                                            const models::CompleteTaskRequest* request,
                                            models::TaskLifecycleResponse*) {
  return RunForCell(context, BbsCall::kCompleteTask, *request);
}

BbsService::Unary* BbsService::ResolvingTask(Context* context,
                                             const models::TaskGuidRequest* request,
                                             models::TaskLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kResolvingTask, context);
  const TermOr term = EnterWith(*context, BbsCall::kResolvingTask, *request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, Command(bbs::ResolvingTask{TaskGuid(request->task_guid())}));
}

BbsService::Unary* BbsService::DeleteTask(Context* context, const models::TaskGuidRequest* request,
                                          models::TaskLifecycleResponse*) {
  const Answer answer(*this, BbsCall::kDeleteTask, context);
  const TermOr term = EnterWith(*context, BbsCall::kDeleteTask, *request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, Command(bbs::DeleteTask{TaskGuid(request->task_guid())}));
}

BbsService::Unary* BbsService::Tasks(Context* context, const models::TasksRequest* request,
                                     models::TasksResponse* response) {
  const Answer answer(*this, BbsCall::kTasks, context);
  const TermOr term = Enter(*context, BbsCall::kTasks);
  if (!term.ok()) return answer.Send(term.status());
  return answer.Send(FillList((*term)->view().Tasks(FilterOf(*request)), Add, response));
}

BbsService::Unary* BbsService::TaskByGuid(Context* context,
                                          const models::TaskByGuidRequest* request,
                                          models::TaskResponse* response) {
  const Answer answer(*this, BbsCall::kTaskByGuid, context);
  const TermOr term = EnterWith(*context, BbsCall::kTaskByGuid, *request);
  if (!term.ok()) return answer.Send(term.status());
  const auto record = (*term)->view().FindTask(TaskGuid(request->task_guid()));
  if (!record.ok()) return answer.Send(record.status());
  absl::StatusOr<models::Task> proto = wire::ToProto(**record);
  if (proto.ok()) *response->mutable_task() = *std::move(proto);
  return answer.Send(proto.status());
}

BbsService::Stream<models::TasksResponse>* BbsService::StreamTasks(
    Context* context, const models::TasksRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kStreamTasks);
  const TermOr term = Enter(*context, BbsCall::kStreamTasks);
  absl::StatusOr<Listing<Task>> listing =
      term.ok() ? (*term)->view().Tasks(FilterOf(*request)) : term.status();
  return StreamList(std::move(listing), Add, std::move(done));
}

}  // namespace diego::bbs
