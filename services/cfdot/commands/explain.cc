#include "libs/base/status_util.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

absl::Status RunExplain(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.size() != 2) DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  ExplainLRPRequest request;
  request.set_process_guid(arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  if (arguments.size() == 2) {
    DIEGO_ASSIGN_OR_RETURN(const int32_t index, ParseIndex(arguments[1]));
    request.set_index(index);
  }
  ExplainLRPResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::ExplainLRP, request, &response));
  PrintRecords(session, std::vector<InstanceExplanation>(response.instances().begin(),
                                                         response.instances().end()));
  return absl::OkStatus();
}

absl::Status RunPlacementTags(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  PlacementTagsResponse response;
  DIEGO_RETURN_IF_ERROR(
      session.CallBbs(&BbsPeer::Stub::PlacementTags, PlacementTagsRequest(), &response));
  PrintRecords(session, std::vector<PlacementTag>(response.tags().begin(), response.tags().end()));
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> ExplainCommands() {
  return {
      {"explain",
       "PROCESS_GUID [INDEX]",
       "say why instances are as they are, and what they wait for",
       Peers::kBbs,
       {},
       RunExplain},
      {"placement-tags",
       "",
       "list the placement tags that cells have or LRPs want",
       Peers::kBbs,
       {},
       RunPlacementTags},
  };
}

}  // namespace diego::cfdot
