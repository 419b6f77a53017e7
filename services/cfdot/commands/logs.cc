#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/cfdot/cells.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/render/json_lines.h"

namespace diego::cfdot {
namespace {

// A container and the cell that holds it.
struct Container {
  std::string guid;
  std::string cell_id;
};

absl::StatusOr<std::vector<models::ActualLRP>> FetchLrps(Session& session,
                                                         const models::ActualLRPsRequest& request) {
  return session.ListBbs<models::ActualLRP>(
      &BbsPeer::Stub::StreamActualLRPs, request,
      [](models::ActualLRPsResponse* chunk) { return chunk->mutable_actual_lrps(); });
}

Container ContainerOf(const models::ActualLRP& lrp) {
  return {lrp.actual_lrp_instance_key().instance_guid(), lrp.actual_lrp_instance_key().cell_id()};
}

// "web/0": the instance of the index that is on a cell; an ordinary one before an evacuating one.
absl::StatusOr<Container> FindByIndex(Session& session, const std::string& process_guid,
                                      const std::string& index) {
  models::ActualLRPsRequest request;
  request.set_process_guid(process_guid);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(process_guid));
  DIEGO_ASSIGN_OR_RETURN(const int32_t number, ParseIndex(index));
  request.set_index(number);
  DIEGO_ASSIGN_OR_RETURN(const auto lrps, FetchLrps(session, request));
  const models::ActualLRP* best = nullptr;
  for (const models::ActualLRP& lrp : lrps) {
    if (lrp.actual_lrp_instance_key().cell_id().empty()) continue;
    if (best == nullptr || lrp.presence() == models::ActualLRP::ORDINARY) best = &lrp;
  }
  if (best != nullptr) return ContainerOf(*best);
  const std::string name = absl::StrCat(process_guid, "/", index);
  if (lrps.empty()) {
    return BbsFailure(
        DiegoError(ErrorType::kResourceNotFound, absl::StrCat("there is no instance ", name)));
  }
  return Failure(ExitCode::kCall,
                 absl::StrCat(name, " is ", lrps[0].state(), " and on no cell, so it has no logs"));
}

absl::StatusOr<Container> FindByGuid(Session& session, const std::string& guid) {
  models::TaskByGuidRequest request;
  request.set_task_guid(guid);
  models::TaskResponse response;
  const absl::Status task = session.bbs().Call(&BbsPeer::Stub::TaskByGuid, request, &response);
  if (task.ok()) {
    if (!response.task().cell_id().empty()) return Container{guid, response.task().cell_id()};
    return Failure(ExitCode::kCall, absl::StrCat("task ", guid, " is ",
                                                 models::Task::State_Name(response.task().state()),
                                                 " and on no cell, so it has no logs"));
  }
  if (!IsDiegoError(task, ErrorType::kResourceNotFound)) return BbsFailure(task);
  DIEGO_ASSIGN_OR_RETURN(const auto lrps, FetchLrps(session, models::ActualLRPsRequest()));
  for (const models::ActualLRP& lrp : lrps) {
    if (lrp.actual_lrp_instance_key().instance_guid() == guid) return ContainerOf(lrp);
  }
  return BbsFailure(
      DiegoError(ErrorType::kResourceNotFound,
                 absl::StrCat("there is no instance and no task ", guid,
                              "; give an instance guid, PROCESS_GUID/INDEX or a task guid")));
}

absl::StatusOr<Container> Find(Session& session, const std::string& name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string::npos) return FindByGuid(session, name);
  return FindByIndex(session, name.substr(0, slash), name.substr(slash + 1));
}

absl::Status RunLogs(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  const Invocation& invocation = session.invocation();
  DIEGO_RETURN_IF_ERROR(ExpectGuid(invocation.arguments[0]));
  LogsRequest request;
  request.set_follow(invocation.Bool("follow"));
  if (invocation.Has("lines")) {
    int32_t lines = 0;
    if (!absl::SimpleAtoi(invocation.Text("lines"), &lines) || lines <= 0) {
      return Invalid("lines should be an integer greater than zero");
    }
    request.set_tail_lines(lines);
  }
  DIEGO_ASSIGN_OR_RETURN(const Container container, Find(session, invocation.arguments[0]));
  DIEGO_ASSIGN_OR_RETURN(const auto cell, FetchCell(session, container.cell_id));
  request.set_container_guid(container.guid);
  const bool as_json = invocation.Text("output") == "json";
  return ReadLogs(session, cell, request, [&](const LogsResponse& line) {
    session.Print(as_json ? LogLineJson(line) : LogLineText(line));
    session.io().out.flush();
  });
}

}  // namespace

std::vector<Command> LogCommands() {
  return {
      {"logs",
       "INSTANCE_GUID|PROCESS_GUID/INDEX|TASK_GUID",
       "print the log of a container (as text unless -o json)",
       Peers::kBbs,
       {{"follow", 'f', FlagKind::kBool, "", "go on with what comes"},
        {"lines", 'n', FlagKind::kText, "N", "start with the last N lines; default: all kept"}},
       RunLogs},
  };
}

}  // namespace diego::cfdot
