// Calls on desired LRPs.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/models/error.h"
#include "libs/wire/desired_lrp.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"
#include "services/bbs/core/definitions.h"

namespace diego::bbs {
namespace {

absl::Status FillDefinitions(const DesiredLrp& lrp, Listing<ActualLrp> instances,
                             models::DesiredLRPDefinitionsResponse* response) {
  std::map<std::string, int32_t> running;
  while (const ActualLrp* row = instances.Next()) {
    if (row->state == ActualLrpState::kRunning) ++running[DefinitionOf(*row, lrp)];
  }
  const Rollout& rollout = *lrp.rollout;
  std::vector<std::string> ids = {lrp.DefinitionId()};
  for (const LrpDefinition& kept : rollout.kept) ids.push_back(kept.id);
  for (const std::string& id : ids) {
    models::DesiredLRPDefinition* definition = response->add_definitions();
    definition->set_definition_id(id);
    definition->set_active(id == lrp.DefinitionId());
    definition->set_healthy(id == rollout.healthy_id);
    definition->set_instances(running[id]);
    DIEGO_ASSIGN_OR_RETURN(*definition->mutable_desired_lrp(),
                           wire::ToProto(*WithDefinition(lrp, id)));
  }
  response->set_rolling(rollout.under_way());
  response->set_cancel_returns_to(rollout.base_id);
  if (rollout.index) response->set_rolling_index(*rollout.index);
  for (const GivenUpIndex& one : rollout.given_up) response->add_given_up_indices(one.index);
  return absl::OkStatus();
}

// A Cloud Foundry process guid begins with the app's, a UUID of five parts.
std::string AppGuidOf(const std::string& process_guid) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(process_guid, absl::MaxSplits('-', 5));
  return absl::StrJoin(parts.begin(), parts.begin() + std::min<ptrdiff_t>(5, std::ssize(parts)),
                       "-");
}

// As it looks with the definition asked for; `revision` becomes what it stands at.
absl::StatusOr<DesiredLrp> Find(CommittedView& view,
                                const models::DesiredLRPByProcessGuidRequest& request,
                                uint64_t* revision) {
  DIEGO_ASSIGN_OR_RETURN(const Record<DesiredLrp> record,
                         view.FindDesiredLrp(ProcessGuid(request.process_guid()), revision));
  const std::string& id = request.definition_id();
  std::optional<DesiredLrp> lrp = WithDefinition(*record, id.empty() ? record->DefinitionId() : id);
  if (lrp) return *std::move(lrp);
  return DiegoError(ErrorType::kResourceNotFound,
                    absl::StrCat("definition \"", id, "\" is no longer kept"));
}

// What runs an instance wants to be told whose it is; these never change.
absl::StatusOr<Command> NamedUpdate(CommittedView& view, models::UpdateDesiredLRPRequest request) {
  const auto lrp = view.FindDesiredLrp(ProcessGuid(request.process_guid()));
  // It may be the repetition of an update that was carried out before the removal.
  if (IsDiegoError(lrp.status(), ErrorType::kResourceNotFound)) return RefuseCall{lrp.status()};
  if (!lrp.ok()) return lrp.status();
  models::DesiredLRP* definition = request.mutable_update()->mutable_definition();
  definition->set_process_guid((*lrp)->process_guid.value());
  definition->set_domain((*lrp)->domain.value());
  definition->set_log_guid((*lrp)->log_guid);
  return ToCommand(request);
}

}  // namespace

void BbsCalls::DesireLRP(const Caller& caller, const models::DesireLRPRequest& request,
                         models::DesiredLRPLifecycleResponse*, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesireLRP, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesireLRP, request);
  if (!term.ok()) {
    if (IsDiegoError(term.status(), ErrorType::kInvalidRequest)) TellApp(request, term.status());
    return answer.Send(term.status());
  }
  return Run(answer, caller, term, request, ToCommand(request, clock_.Now()));
}

void BbsCalls::TellApp(const models::DesireLRPRequest& request, const absl::Status& refusal) const {
  const std::string app_guid = AppGuidOf(request.desired_lrp().process_guid());
  log_.Info("app-log",
            {{"source_type", "DIEGO-API"},
             {"source_id", app_guid},
             {"stream", "stderr"},
             {"text", absl::StrCat("Error parsing request for app with guid ", app_guid, ", ",
                                   ErrorTypeName(ErrorTypeOf(refusal)), ", ", refusal.message())}});
}

void BbsCalls::UpdateDesiredLRP(const Caller& caller,
                                const models::UpdateDesiredLRPRequest& request,
                                models::DesiredLRPLifecycleResponse*, Finish finish) const {
  if (!request.update().has_definition()) {
    return RunSimply(caller, BbsCall::kUpdateDesiredLRP, request, std::move(finish));
  }
  const Answer answer(*this, BbsCall::kUpdateDesiredLRP, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kUpdateDesiredLRP, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, caller, term, request, NamedUpdate((*term)->view(), request));
}

void BbsCalls::CancelDesiredLRPUpdate(const Caller& caller,
                                      const models::CancelDesiredLRPUpdateRequest& request,
                                      models::DesiredLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kCancelDesiredLRPUpdate, request, std::move(finish));
}

void BbsCalls::RollBackDesiredLRP(const Caller& caller,
                                  const models::RollBackDesiredLRPRequest& request,
                                  models::DesiredLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kRollBackDesiredLRP, request, std::move(finish));
}

void BbsCalls::DesiredLRPDefinitions(const Caller& caller,
                                     const models::DesiredLRPByProcessGuidRequest& request,
                                     models::DesiredLRPDefinitionsResponse* response,
                                     Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPDefinitions, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesiredLRPDefinitions, request);
  if (!term.ok()) return answer.Send(term.status());
  const ProcessGuid guid(request.process_guid());
  const auto record = (*term)->view().FindDesiredLrp(guid);
  if (!record.ok()) return answer.Send(record.status());
  auto instances = (*term)->view().ActualLrpsOf({guid});
  if (!instances.ok()) return answer.Send(instances.status());
  return answer.Send(FillDefinitions(**record, *std::move(instances), response));
}

void BbsCalls::RemoveDesiredLRP(const Caller& caller,
                                const models::RemoveDesiredLRPRequest& request,
                                models::DesiredLRPLifecycleResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kRemoveDesiredLRP, request, std::move(finish));
}

void BbsCalls::DesiredLRPByProcessGuid(const Caller& caller,
                                       const models::DesiredLRPByProcessGuidRequest& request,
                                       models::DesiredLRPResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPByProcessGuid, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesiredLRPByProcessGuid, request);
  if (!term.ok()) return answer.Send(term.status());
  uint64_t revision = 0;
  const auto lrp = Find((*term)->view(), request, &revision);
  if (!lrp.ok()) return answer.Send(lrp.status());
  response->set_revision(static_cast<int64_t>(revision));
  absl::StatusOr<models::DesiredLRP> proto = wire::ToProto(*lrp);
  if (!proto.ok()) return answer.Send(proto.status());
  *response->mutable_desired_lrp() = *std::move(proto);
  return answer.Send(absl::OkStatus());
}

void BbsCalls::DesiredLRPs(const Caller& caller, const models::DesiredLRPsRequest& request,
                           models::DesiredLRPsResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kDesiredLRPs, kDesiredLrpList, request, response,
                    std::move(finish));
}

void BbsCalls::DesiredLRPSchedulingInfos(const Caller& caller,
                                         const models::DesiredLRPsRequest& request,
                                         models::DesiredLRPSchedulingInfosResponse* response,
                                         Finish finish) const {
  return AnswerList(caller, BbsCall::kDesiredLRPSchedulingInfos, kSchedulingInfoList, request,
                    response, std::move(finish));
}

void BbsCalls::DesiredLRPSchedulingInfoByProcessGuid(
    const Caller& caller, const models::DesiredLRPByProcessGuidRequest& request,
    models::DesiredLRPSchedulingInfoByProcessGuidResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDesiredLRPSchedulingInfoByProcessGuid, caller,
                      std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kDesiredLRPSchedulingInfoByProcessGuid, request);
  if (!term.ok()) return answer.Send(term.status());
  uint64_t revision = 0;
  const auto lrp = Find((*term)->view(), request, &revision);
  if (!lrp.ok()) return answer.Send(lrp.status());
  response->set_revision(static_cast<int64_t>(revision));
  *response->mutable_desired_lrp_scheduling_info() = wire::ToSchedulingInfoProto(*lrp);
  return answer.Send(absl::OkStatus());
}

void BbsCalls::DesiredLRPRoutingInfos(const Caller& caller,
                                      const models::DesiredLRPsRequest& request,
                                      models::DesiredLRPsResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kDesiredLRPRoutingInfos, kRoutingInfoList, request, response,
                    std::move(finish));
}

}  // namespace diego::bbs
