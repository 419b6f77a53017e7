#include "absl/strings/match.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/flags.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

constexpr absl::string_view kSpecDetails =
    "A small spec that will do:\n"
    "\n"
    "  {\"task_guid\":\"hello\",\"domain\":\"demo\",\"rootfs\":\"preloaded:busybox\",\n"
    "   \"memory_mb\":16,\"disk_mb\":16,\n"
    "   \"action\":{\"run\":{\"path\":\"/bin/echo\",\"args\":[\"hello\"],\"user\":\"vcap\"}}}\n";

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::TasksRequest request;
  request.set_domain(session.invocation().Text("domain"));
  request.set_cell_id(session.invocation().Text("cell-id"));
  DIEGO_ASSIGN_OR_RETURN(const auto tasks,
                         session.ListBbs<models::Task>(
                             &BbsPeer::Stub::StreamTasks, request,
                             [](models::TasksResponse* chunk) { return chunk->mutable_tasks(); }));
  PrintRecords(session, tasks);
  return absl::OkStatus();
}

absl::StatusOr<std::string> GuidArgument(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  const std::string& guid = session.invocation().arguments[0];
  DIEGO_RETURN_IF_ERROR(ExpectGuid(guid));
  return guid;
}

absl::Status RunGet(Session& session) {
  DIEGO_ASSIGN_OR_RETURN(const std::string guid, GuidArgument(session));
  models::TaskByGuidRequest request;
  request.set_task_guid(guid);
  models::TaskResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::TaskByGuid, request, &response));
  PrintRecord(session, response.task());
  return absl::OkStatus();
}

absl::Status RunCreate(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.empty()) return Invalid("missing spec argument");
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::Task task;
  DIEGO_RETURN_IF_ERROR(ReadSpec(session, arguments[0], &task));
  models::DesireTaskRequest request;
  request.set_task_guid(task.task_guid());
  request.set_domain(task.domain());
  *request.mutable_task_definition() = std::move(*task.mutable_task_definition());
  models::TaskLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::DesireTask, request, &response);
}

absl::Status RunCancel(Session& session) {
  models::TaskGuidRequest request;
  DIEGO_ASSIGN_OR_RETURN(*request.mutable_task_guid(), GuidArgument(session));
  models::TaskLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::CancelTask, request, &response);
}

absl::Status RunDelete(Session& session) {
  models::TaskGuidRequest request;
  DIEGO_ASSIGN_OR_RETURN(*request.mutable_task_guid(), GuidArgument(session));
  models::TaskLifecycleResponse response;
  const absl::Status resolving =
      session.ChangeBbs(&BbsPeer::Stub::ResolvingTask, request, &response);
  if (absl::StrContains(resolving.message(), ErrorTypeName(ErrorType::kInvalidStateTransition))) {
    return WithHint(resolving, "only a completed task can be deleted: cancel-task first");
  }
  DIEGO_RETURN_IF_ERROR(resolving);
  return session.ChangeBbs(&BbsPeer::Stub::DeleteTask, request, &response);
}

}  // namespace

std::vector<Command> TaskCommands() {
  return {
      {"tasks", "", "list tasks", Peers::kBbs, {kDomainFlag, kCellFlag}, RunList},
      {"task", "TASK_GUID", "show one task", Peers::kBbs, {}, RunGet},
      {"create-task",
       "SPEC|@FILE|-",
       "desire a task",
       Peers::kBbs,
       {kRequestIdFlag},
       RunCreate,
       kSpecDetails},
      {"cancel-task", "TASK_GUID", "cancel a task", Peers::kBbs, {kRequestIdFlag}, RunCancel},
      {"delete-task", "TASK_GUID", "forget a completed task", Peers::kBbs, {}, RunDelete},
  };
}

}  // namespace diego::cfdot
