#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/flags.h"
#include "services/cfdot/commands/print.h"
#include "services/cfdot/render/groups.h"

namespace diego::cfdot {
namespace {

constexpr Flag kIndex = {"index", 'i', FlagKind::kText, "INDEX", "only of this index"};
constexpr Flag kProcess = {"process-guid", 'p', FlagKind::kText, "PROCESS_GUID",
                           "only of this LRP"};

// The filters that the command has and that were given.
absl::StatusOr<std::vector<models::ActualLRP>> FetchFiltered(Session& session,
                                                             const std::string& process_guid) {
  const Invocation& invocation = session.invocation();
  models::ActualLRPsRequest request;
  request.set_domain(invocation.Text("domain"));
  request.set_cell_id(invocation.Text("cell-id"));
  request.set_process_guid(process_guid);
  if (invocation.Has("index")) {
    DIEGO_ASSIGN_OR_RETURN(const int32_t index, ParseIndex(invocation.Text("index")));
    request.set_index(index);
  }
  return session.ListBbs<models::ActualLRP>(
      &BbsPeer::Stub::StreamActualLRPs, request,
      [](models::ActualLRPsResponse* chunk) { return chunk->mutable_actual_lrps(); });
}

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  DIEGO_ASSIGN_OR_RETURN(const auto lrps,
                         FetchFiltered(session, session.invocation().Text("process-guid")));
  PrintRecords(session, lrps);
  return absl::OkStatus();
}

absl::Status RunListForGuids(Session& session) {
  const std::vector<std::string>& guids = session.invocation().arguments;
  if (guids.empty()) return Invalid("Missing arguments");
  models::ActualLRPsByProcessGuidsRequest request;
  for (const std::string& guid : guids) {
    DIEGO_RETURN_IF_ERROR(ExpectGuid(guid));
    request.add_process_guids(guid);
  }
  DIEGO_ASSIGN_OR_RETURN(
      const auto lrps,
      session.ListBbs<models::ActualLRP>(&BbsPeer::Stub::StreamActualLRPsByProcessGuids, request,
                                         [](models::ActualLRPsByProcessGuidsResponse* chunk) {
                                           return chunk->mutable_actual_lrps();
                                         }));
  PrintRecords(session, lrps);
  return absl::OkStatus();
}

absl::Status RunGroups(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  DIEGO_ASSIGN_OR_RETURN(const auto lrps, FetchFiltered(session, ""));
  PrintRecords(session, GroupsOf(lrps));
  return absl::OkStatus();
}

absl::Status RunGroupsForGuid(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  const std::string& process_guid = session.invocation().arguments[0];
  DIEGO_RETURN_IF_ERROR(ExpectGuid(process_guid));
  DIEGO_ASSIGN_OR_RETURN(const auto lrps, FetchFiltered(session, process_guid));
  const auto groups = GroupsOf(lrps);
  if (groups.empty() && session.invocation().Has("index")) {
    return BbsFailure(DiegoError(ErrorType::kResourceNotFound));
  }
  PrintRecords(session, groups);
  return absl::OkStatus();
}

absl::Status RunRetire(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 2));
  const std::vector<std::string>& arguments = session.invocation().arguments;
  models::DesiredLRPByProcessGuidRequest desired;
  desired.set_process_guid(arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(desired.process_guid()));
  DIEGO_ASSIGN_OR_RETURN(const int32_t index, ParseIndex(arguments[1]));
  models::DesiredLRPResponse found;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::DesiredLRPByProcessGuid, desired, &found));
  models::RetireActualLRPRequest retire;
  retire.mutable_actual_lrp_key()->set_process_guid(arguments[0]);
  retire.mutable_actual_lrp_key()->set_index(index);
  retire.mutable_actual_lrp_key()->set_domain(found.desired_lrp().domain());
  models::ActualLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::RetireActualLRP, retire, &response);
}

}  // namespace

std::vector<Command> ActualLrpCommands() {
  return {
      {"actual-lrps",
       "",
       "list instances",
       Peers::kBbs,
       {kDomainFlag, kCellFlag, kProcess, kIndex},
       RunList},
      {"actual-lrps-for-guids",
       "PROCESS_GUID...",
       "list instances of several LRPs",
       Peers::kBbs,
       {},
       RunListForGuids},
      {"actual-lrp-groups",
       "",
       "list instances in pairs (deprecated: actual-lrps)",
       Peers::kBbs,
       {kDomainFlag, kCellFlag},
       RunGroups},
      {"actual-lrp-groups-for-guid",
       "PROCESS_GUID",
       "list instances of one LRP in pairs (deprecated: actual-lrps -p)",
       Peers::kBbs,
       {kIndex},
       RunGroupsForGuid},
      {"retire-actual-lrp",
       "PROCESS_GUID INDEX",
       "stop one instance",
       Peers::kBbs,
       {kRequestIdFlag},
       RunRetire},
  };
}

}  // namespace diego::cfdot
