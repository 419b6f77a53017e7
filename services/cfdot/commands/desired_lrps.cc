#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/flags.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

constexpr Flag kIfTagFlag = {"if-tag", 0, FlagKind::kText, "EPOCH:INDEX",
                             "only if the LRP still is at this modification tag"};

// The tag given with --if-tag.
template <typename Request>
absl::Status ExpectTag(const Session& session, Request* request) {
  if (!session.invocation().Has("if-tag")) return absl::OkStatus();
  const std::string text = session.invocation().Text("if-tag");
  const size_t colon = text.rfind(':');
  uint32_t index = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &index)) {
    return Invalid(absl::StrCat("if-tag \"", text,
                                "\" should be EPOCH:INDEX, as in modification_tag of "
                                "`cfdot desired-lrp`"));
  }
  request->mutable_expected_modification_tag()->set_epoch(text.substr(0, colon));
  request->mutable_expected_modification_tag()->set_index(index);
  return absl::OkStatus();
}

constexpr absl::string_view kSpecDetails =
    "A small spec that will do:\n"
    "\n"
    "  {\"process_guid\":\"web\",\"domain\":\"demo\",\"rootfs\":\"preloaded:busybox\",\n"
    "   \"instances\":1,\"memory_mb\":32,\"disk_mb\":32,\n"
    "   \"action\":{\"run\":{\"path\":\"/bin/sleep\",\"args\":[\"1000\"],\"user\":\"vcap\"}},\n"
    "   \"metric_tags\":{\"source_id\":{\"static\":\"web\"}}}\n"
    "\n"
    "metric_tags must not be empty: its source_id is what logs and metrics go by.\n"
    "Without instances none runs.\n";

constexpr absl::string_view kUpdateRemedy =
    "an update changes instances, routes, annotation, metric_tags, image_username with "
    "image_password, and crash_restart_policy; what an LRP runs is changed with roll-desired-lrp";

constexpr absl::string_view kUpdateDetails =
    "The spec holds what is to change, of these keys:\n"
    "\n"
    "  instances\n"
    "  routes                          replaces all of them\n"
    "  annotation\n"
    "  metric_tags                     replaces all of them\n"
    "  image_username, image_password  both\n"
    "  crash_restart_policy            replaces it; {}: the domain's default counts again\n"
    "\n"
    "What an LRP runs, its definition, is changed with roll-desired-lrp.\n";

constexpr Flag kDefinitionFlag = {"definition-id", 0, FlagKind::kText, "ID",
                                  "the new definition's id, in place of the spec's"};

template <typename Record, typename Chunk>
absl::Status List(Session& session,
                  std::unique_ptr<grpc::ClientReader<Chunk>> (BbsPeer::Stub::*method)(
                      grpc::ClientContext*, const models::DesiredLRPsRequest&),
                  google::protobuf::RepeatedPtrField<Record>* (Chunk::*records_of)()) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::DesiredLRPsRequest request;
  request.set_domain(session.invocation().Text("domain"));
  DIEGO_ASSIGN_OR_RETURN(const std::vector<Record> records,
                         session.ListBbs<Record>(method, request, [records_of](Chunk* chunk) {
                           return (chunk->*records_of)();
                         }));
  PrintRecords(session, records);
  return absl::OkStatus();
}

absl::Status RunList(Session& session) {
  return List(session, &BbsPeer::Stub::StreamDesiredLRPs,
              &models::DesiredLRPsResponse::mutable_desired_lrps);
}

absl::Status RunRoutingInfos(Session& session) {
  return List(session, &BbsPeer::Stub::StreamDesiredLRPRoutingInfos,
              &models::DesiredLRPsResponse::mutable_desired_lrps);
}

absl::Status RunSchedulingInfos(Session& session) {
  return List(session, &BbsPeer::Stub::StreamDesiredLRPSchedulingInfos,
              &models::DesiredLRPSchedulingInfosResponse::mutable_desired_lrp_scheduling_infos);
}

absl::Status RunGet(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(session.invocation().arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  models::DesiredLRPResponse response;
  DIEGO_RETURN_IF_ERROR(
      session.CallBbs(&BbsPeer::Stub::DesiredLRPByProcessGuid, request, &response));
  PrintRecord(session, response.desired_lrp());
  return absl::OkStatus();
}

absl::Status RunGetSchedulingInfo(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(session.invocation().arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  models::DesiredLRPSchedulingInfoByProcessGuidResponse response;
  DIEGO_RETURN_IF_ERROR(
      session.CallBbs(&BbsPeer::Stub::DesiredLRPSchedulingInfoByProcessGuid, request, &response));
  PrintRecord(session, response.desired_lrp_scheduling_info());
  return absl::OkStatus();
}

absl::Status RunCreate(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.empty()) return Invalid("missing spec argument");
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::DesireLRPRequest request;
  DIEGO_RETURN_IF_ERROR(ReadSpec(session, arguments[0], request.mutable_desired_lrp()));
  models::DesiredLRPLifecycleResponse response;
  const absl::Status desired = session.ChangeBbs(&BbsPeer::Stub::DesireLRP, request, &response);
  if (!absl::StrContains(desired.message(), "Invalid field: metric_tags")) return desired;
  return WithHint(desired,
                  "metric_tags should hold source_id, as {\"static\":\"web\"}; a spec that "
                  "will do is shown by `cfdot help create-desired-lrp`");
}

absl::Status RunUpdate(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.size() != 2) return Invalid("Missing arguments");
  models::UpdateDesiredLRPRequest request;
  request.set_process_guid(arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  DIEGO_RETURN_IF_ERROR(ReadSpec(session, arguments[1], request.mutable_update(), kUpdateRemedy));
  DIEGO_RETURN_IF_ERROR(ExpectTag(session, &request));
  models::DesiredLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::UpdateDesiredLRP, request, &response);
}

// Of what a roll leaves as the LRP has it, the keys that say more than which LRP it is.
void WarnOfTheLrpsOwn(Session& session, const models::DesiredLRP& spec) {
  const std::pair<const char*, bool> of_the_lrp[] = {
      {"instances", spec.instances() != 0},
      {"annotation", !spec.annotation().empty()},
      {"routes", spec.routes().routes_size() > 0},
      {"metric_tags", !spec.metric_tags().empty()},
      {"update_strategy", spec.update_strategy() != models::DesiredLRP::ROLLING},
      {"crash_restart_policy", spec.has_crash_restart_policy()}};
  std::vector<std::string> keys;
  for (const auto& [key, is_set] : of_the_lrp) {
    if (is_set) keys.emplace_back(key);
  }
  if (keys.empty()) return;
  session.io().err << "warning: left as the LRP has it, for a roll changes what it runs: "
                   << absl::StrJoin(keys, ", ") << "; see update-desired-lrp\n";
}

// Of a whole desired LRP, as one creates it, what makes up a definition.
void LeaveOutTheLrp(models::DesiredLRP* definition) {
  definition->clear_process_guid();
  definition->clear_domain();
  definition->clear_log_guid();
  definition->clear_instances();
  definition->clear_annotation();
  definition->clear_routes();
  definition->clear_metrics_guid();
  definition->clear_metric_tags();
  definition->clear_update_strategy();
  definition->clear_crash_restart_policy();
  definition->clear_modification_tag();
}

absl::Status RunRoll(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.size() != 2) return Invalid("Missing arguments");
  models::UpdateDesiredLRPRequest request;
  request.set_process_guid(arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  models::DesiredLRP* definition = request.mutable_update()->mutable_definition();
  DIEGO_RETURN_IF_ERROR(ReadSpec(session, arguments[1], definition));
  WarnOfTheLrpsOwn(session, *definition);
  LeaveOutTheLrp(definition);
  if (session.invocation().Has(kDefinitionFlag.name)) {
    definition->set_definition_id(session.invocation().Text(kDefinitionFlag.name));
  }
  if (definition->definition_id().empty()) {
    return Invalid("a definition needs an id: give --definition-id, or definition_id in the spec");
  }
  DIEGO_RETURN_IF_ERROR(ExpectTag(session, &request));
  models::DesiredLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::UpdateDesiredLRP, request, &response);
}

absl::Status RunCancelUpdate(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::CancelDesiredLRPUpdateRequest request;
  request.set_process_guid(session.invocation().arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  DIEGO_RETURN_IF_ERROR(ExpectTag(session, &request));
  models::DesiredLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::CancelDesiredLRPUpdate, request, &response);
}

absl::Status RunRollBack(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.size() != 2) return Invalid("Missing arguments");
  models::RollBackDesiredLRPRequest request;
  request.set_process_guid(arguments[0]);
  request.set_definition_id(arguments[1]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  DIEGO_RETURN_IF_ERROR(ExpectTag(session, &request));
  models::DesiredLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::RollBackDesiredLRP, request, &response);
}

// A line a definition; how the roll stands is part of each.
absl::Status RunDefinitions(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(session.invocation().arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  models::DesiredLRPDefinitionsResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::DesiredLRPDefinitions, request, &response));
  if (!session.as_table()) {
    session.Print(wire::ToJson(response));
    return absl::OkStatus();
  }
  std::vector<Row> rows;
  for (const models::DesiredLRPDefinition& one : response.definitions()) {
    std::vector<std::string> marks;
    if (one.active()) marks.emplace_back(response.rolling() ? "rolling to it" : "active");
    if (one.healthy()) marks.emplace_back("healthy");
    if (response.rolling() && one.definition_id() == response.cancel_returns_to()) {
      marks.emplace_back("cancel returns to it");
    }
    const std::string at = one.active() && response.has_rolling_index()
                               ? absl::StrCat(response.rolling_index())
                               : std::string();
    rows.push_back(
        {one.definition_id(), absl::StrCat(one.instances()), at, absl::StrJoin(marks, ", ")});
  }
  session.io().out << FormatTable({"DEFINITION", "RUNNING", "AT INDEX", "STATE"}, rows);
  return absl::OkStatus();
}

absl::Status RunDelete(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::RemoveDesiredLRPRequest request;
  request.set_process_guid(session.invocation().arguments[0]);
  DIEGO_RETURN_IF_ERROR(ExpectGuid(request.process_guid()));
  DIEGO_RETURN_IF_ERROR(ExpectTag(session, &request));
  models::DesiredLRPLifecycleResponse response;
  return session.ChangeBbs(&BbsPeer::Stub::RemoveDesiredLRP, request, &response);
}

}  // namespace

std::vector<Command> DesiredLrpCommands() {
  return {
      {"desired-lrps", "", "list desired LRPs", Peers::kBbs, {kDomainFlag}, RunList},
      {"desired-lrp", "PROCESS_GUID", "show one desired LRP", Peers::kBbs, {}, RunGet},
      {"desired-lrp-scheduling-infos",
       "",
       "list desired LRPs without what they run",
       Peers::kBbs,
       {kDomainFlag},
       RunSchedulingInfos},
      {"desired-lrp-scheduling-info",
       "PROCESS_GUID",
       "show one desired LRP without what it runs",
       Peers::kBbs,
       {},
       RunGetSchedulingInfo},
      {"desired-lrp-routing-infos",
       "",
       "list what routers need of desired LRPs",
       Peers::kBbs,
       {},
       RunRoutingInfos},
      {"create-desired-lrp",
       "SPEC|@FILE|-",
       "desire an LRP",
       Peers::kBbs,
       {kRequestIdFlag},
       RunCreate,
       kSpecDetails},
      {"update-desired-lrp",
       "PROCESS_GUID SPEC|@FILE|-",
       "change a desired LRP",
       Peers::kBbs,
       {kIfTagFlag, kRequestIdFlag},
       RunUpdate,
       kUpdateDetails},
      {"roll-desired-lrp",
       "PROCESS_GUID SPEC|@FILE|-",
       "replace what an LRP runs, index by index, with what a whole spec says of it",
       Peers::kBbs,
       {kDefinitionFlag, kIfTagFlag, kRequestIdFlag},
       RunRoll},
      {"cancel-desired-lrp-update",
       "PROCESS_GUID",
       "go back to what the LRP ran before the update under way",
       Peers::kBbs,
       {kIfTagFlag, kRequestIdFlag},
       RunCancelUpdate},
      {"roll-back-desired-lrp",
       "PROCESS_GUID DEFINITION_ID",
       "replace what an LRP runs with a definition that is kept",
       Peers::kBbs,
       {kIfTagFlag, kRequestIdFlag},
       RunRollBack},
      {"desired-lrp-definitions",
       "PROCESS_GUID",
       "show the definitions of an LRP, and how an update stands",
       Peers::kBbs,
       {},
       RunDefinitions},
      {"delete-desired-lrp",
       "PROCESS_GUID",
       "stop and forget an LRP",
       Peers::kBbs,
       {kIfTagFlag, kRequestIdFlag},
       RunDelete},
  };
}

}  // namespace diego::cfdot
