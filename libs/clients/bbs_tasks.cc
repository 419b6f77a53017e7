// The task calls of BbsClient. Most change a state that a repetition would find changed, hence
// CallOnce.
#include <utility>

#include "libs/base/status_util.h"
#include "libs/clients/bbs_impl.h"
#include "libs/wire/placement.h"
#include "libs/wire/task.h"

namespace diego::clients {
namespace {

models::TaskGuidRequest GuidProto(const TaskGuid& task_guid) {
  models::TaskGuidRequest request;
  request.set_task_guid(task_guid.value());
  return request;
}

}  // namespace

absl::Status BbsClient::DesireTask(const Task& task, absl::string_view request_id) {
  models::DesireTaskRequest request;
  DIEGO_ASSIGN_OR_RETURN(*request.mutable_task_definition(), wire::DefinitionOf(task));
  request.set_task_guid(task.task_guid.value());
  request.set_domain(task.domain.value());
  return impl_->DoOnce(request_id, &BbsStub::DesireTask, request);
}

absl::StatusOr<bool> BbsClient::StartTask(const TaskGuid& task_guid, const CellId& cell_id) {
  models::StartTaskRequest request;
  request.set_task_guid(task_guid.value());
  request.set_cell_id(cell_id.value());
  models::StartTaskResponse response;
  DIEGO_RETURN_IF_ERROR(impl_->caller.CallOnce("", &BbsStub::StartTask, request, &response));
  return response.should_start();
}

absl::Status BbsClient::CancelTask(const TaskGuid& task_guid) {
  return impl_->DoOnce("", &BbsStub::CancelTask, GuidProto(task_guid));
}

absl::Status BbsClient::FailTask(const TaskGuid& task_guid, absl::string_view reason) {
  models::FailTaskRequest request;
  request.set_task_guid(task_guid.value());
  request.set_failure_reason(std::string(reason));
  return impl_->DoOnce("", &BbsStub::FailTask, request);
}

absl::Status BbsClient::RejectTask(const TaskGuid& task_guid, absl::string_view reason,
                                   const PlacementRefusal& refusal) {
  models::RejectTaskRequest request;
  request.set_task_guid(task_guid.value());
  request.set_rejection_reason(std::string(reason));
  if (refusal != PlacementRefusal()) *request.mutable_placement_refusal() = wire::ToProto(refusal);
  return impl_->DoOnce("", &BbsStub::RejectTask, request);
}

absl::Status BbsClient::CompleteTask(const TaskCompletion& completion) {
  models::CompleteTaskRequest request;
  request.set_task_guid(completion.task_guid.value());
  request.set_cell_id(completion.cell_id.value());
  request.set_failed(completion.failed);
  request.set_failure_reason(completion.failure_reason);
  request.set_result(completion.result);
  return impl_->DoOnce("", &BbsStub::CompleteTask, request);
}

absl::Status BbsClient::ResolvingTask(const TaskGuid& task_guid) {
  return impl_->DoOnce("", &BbsStub::ResolvingTask, GuidProto(task_guid));
}

absl::Status BbsClient::DeleteTask(const TaskGuid& task_guid) {
  return impl_->DoOnce("", &BbsStub::DeleteTask, GuidProto(task_guid));
}

absl::StatusOr<Task> BbsClient::TaskByGuid(const TaskGuid& task_guid) {
  models::TaskByGuidRequest request;
  request.set_task_guid(task_guid.value());
  models::TaskResponse response;
  DIEGO_RETURN_IF_ERROR(
      impl_->caller.Call(Repeat::kSafe, &BbsStub::TaskByGuid, request, &response));
  return wire::FromProto(response.task());
}

absl::StatusOr<Listing<Task>> BbsClient::Tasks(const TaskFilter& filter) {
  models::TasksRequest request;
  request.set_domain(filter.domain.value());
  request.set_cell_id(filter.cell_id.value());
  for (const TaskGuid& guid : filter.task_guids) request.add_task_guids(guid.value());
  Listing<Task> listing;
  absl::Status fault;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](const models::TasksResponse& chunk) {
    listing.revision = chunk.revision();
    for (const models::Task& proto : chunk.tasks()) {
      absl::StatusOr<Task> task = wire::FromProto(proto);
      if (task.ok()) {
        listing.records.push_back(*std::move(task));
      } else {
        fault.Update(task.status());
      }
    }
  };
  DIEGO_RETURN_IF_ERROR(impl_->caller.List(&BbsStub::StreamTasks, request, restart, take));
  DIEGO_RETURN_IF_ERROR(fault);
  return listing;
}

}  // namespace diego::clients
