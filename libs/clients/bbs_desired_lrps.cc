// The desired LRP calls of BbsClient.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_impl.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"

namespace diego::clients {
namespace {

models::DesiredLRPsRequest ToProto(const DesiredLrpFilter& filter) {
  models::DesiredLRPsRequest request;
  request.set_domain(filter.domain.value());
  for (const ProcessGuid& guid : filter.process_guids) request.add_process_guids(guid.value());
  for (const std::string& guid : filter.app_guids) request.add_app_guids(guid);
  return request;
}

template <typename Request>
void SetExpectedTag(const ChangeOptions& options, Request* request) {
  if (!options.expected_tag) return;
  *request->mutable_expected_modification_tag() = wire::ToProto(*options.expected_tag);
}

// A BBS, ours as well, passes over part of the filter in some lists.
// Source: reference/bbs-http-api.md "Routes".
class Wanted {
 public:
  explicit Wanted(const DesiredLrpFilter& filter)
      : filter_(filter), process_guids_(filter.process_guids.begin(), filter.process_guids.end()) {}

  bool operator()(const DesiredLrp& lrp) const {
    const std::string& guid = lrp.process_guid.value();
    const auto begins_it = [&guid](const std::string& app) { return absl::StartsWith(guid, app); };
    return (filter_.domain.empty() || filter_.domain == lrp.domain) &&
           (process_guids_.empty() || process_guids_.count(lrp.process_guid) > 0) &&
           (filter_.app_guids.empty() ||
            std::any_of(filter_.app_guids.begin(), filter_.app_guids.end(), begins_it));
  }

 private:
  const DesiredLrpFilter& filter_;
  const std::set<ProcessGuid> process_guids_;
};

// Collects chunks of whole or routing-only records.
absl::StatusOr<Listing<DesiredLrp>> List(
    Caller<Bbs>& caller, const DesiredLrpFilter& filter,
    std::unique_ptr<grpc::ClientReader<models::DesiredLRPsResponse>> (BbsStub::*method)(
        grpc::ClientContext*, const models::DesiredLRPsRequest&)) {
  const Wanted wanted(filter);
  Listing<DesiredLrp> listing;
  absl::Status fault;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](models::DesiredLRPsResponse& chunk) {
    listing.revision = chunk.revision();
    for (models::DesiredLRP& proto : *chunk.mutable_desired_lrps()) {
      absl::StatusOr<DesiredLrp> lrp = wire::FromProto(std::move(proto));
      if (!lrp.ok()) {
        fault.Update(lrp.status());
      } else if (wanted(*lrp)) {
        listing.records.push_back(*std::move(lrp));
      }
    }
  };
  DIEGO_RETURN_IF_ERROR(caller.List(method, ToProto(filter), restart, take));
  DIEGO_RETURN_IF_ERROR(fault);
  return listing;
}

}  // namespace

absl::Status BbsClient::DesireLrp(const DesiredLrp& lrp, absl::string_view request_id) {
  models::DesireLRPRequest request;
  DIEGO_ASSIGN_OR_RETURN(*request.mutable_desired_lrp(), wire::ToProto(lrp));
  return impl_->DoOnce(request_id, &BbsStub::DesireLRP, request);
}

absl::Status BbsClient::UpdateDesiredLrp(const ProcessGuid& process_guid,
                                         const DesiredLrpUpdate& update,
                                         const ChangeOptions& options) {
  models::UpdateDesiredLRPRequest request;
  request.set_process_guid(process_guid.value());
  DIEGO_ASSIGN_OR_RETURN(*request.mutable_update(), wire::ToProto(update));
  SetExpectedTag(options, &request);
  return impl_->DoOnce(options.request_id, &BbsStub::UpdateDesiredLRP, request);
}

absl::Status BbsClient::RemoveDesiredLrp(const ProcessGuid& process_guid,
                                         const ChangeOptions& options) {
  models::RemoveDesiredLRPRequest request;
  request.set_process_guid(process_guid.value());
  SetExpectedTag(options, &request);
  return impl_->DoOnce(options.request_id, &BbsStub::RemoveDesiredLRP, request);
}

absl::Status BbsClient::CancelDesiredLrpUpdate(const ProcessGuid& process_guid,
                                               const ChangeOptions& options) {
  models::CancelDesiredLRPUpdateRequest request;
  request.set_process_guid(process_guid.value());
  SetExpectedTag(options, &request);
  return impl_->DoOnce(options.request_id, &BbsStub::CancelDesiredLRPUpdate, request);
}

absl::Status BbsClient::RollBackDesiredLrp(const ProcessGuid& process_guid,
                                           const std::string& definition_id,
                                           const ChangeOptions& options) {
  models::RollBackDesiredLRPRequest request;
  request.set_process_guid(process_guid.value());
  request.set_definition_id(definition_id);
  SetExpectedTag(options, &request);
  return impl_->DoOnce(options.request_id, &BbsStub::RollBackDesiredLRP, request);
}

absl::StatusOr<DefinitionList> BbsClient::DesiredLrpDefinitions(const ProcessGuid& process_guid) {
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(process_guid.value());
  models::DesiredLRPDefinitionsResponse response;
  DIEGO_RETURN_IF_ERROR(
      impl_->caller.Call(Repeat::kSafe, &BbsStub::DesiredLRPDefinitions, request, &response));
  DefinitionList list;
  for (models::DesiredLRPDefinition& one : *response.mutable_definitions()) {
    DIEGO_ASSIGN_OR_RETURN(DesiredLrp lrp, wire::FromProto(std::move(*one.mutable_desired_lrp())));
    list.definitions.push_back(
        {one.definition_id(), one.active(), one.healthy(), one.instances(), std::move(lrp)});
  }
  list.rolling = response.rolling();
  list.cancel_returns_to = response.cancel_returns_to();
  if (response.has_rolling_index()) list.rolling_index = response.rolling_index();
  list.given_up_indices.assign(response.given_up_indices().begin(),
                               response.given_up_indices().end());
  return list;
}

absl::StatusOr<DesiredLrp> BbsClient::DesiredLrpByProcessGuid(const ProcessGuid& process_guid,
                                                              const std::string& definition_id) {
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(process_guid.value());
  request.set_definition_id(definition_id);
  models::DesiredLRPResponse response;
  DIEGO_RETURN_IF_ERROR(
      impl_->caller.Call(Repeat::kSafe, &BbsStub::DesiredLRPByProcessGuid, request, &response));
  return wire::FromProto(std::move(*response.mutable_desired_lrp()));
}

absl::StatusOr<DesiredLrp> BbsClient::DesiredLrpSchedulingInfoByProcessGuid(
    const ProcessGuid& process_guid, const std::string& definition_id) {
  models::DesiredLRPByProcessGuidRequest request;
  request.set_process_guid(process_guid.value());
  request.set_definition_id(definition_id);
  models::DesiredLRPSchedulingInfoByProcessGuidResponse response;
  DIEGO_RETURN_IF_ERROR(impl_->caller.Call(
      Repeat::kSafe, &BbsStub::DesiredLRPSchedulingInfoByProcessGuid, request, &response));
  return wire::FromProto(response.desired_lrp_scheduling_info());
}

absl::StatusOr<Listing<DesiredLrp>> BbsClient::DesiredLrps(const DesiredLrpFilter& filter) {
  return List(impl_->caller, filter, &BbsStub::StreamDesiredLRPs);
}

absl::StatusOr<Listing<DesiredLrp>> BbsClient::DesiredLrpRoutingInfos(
    const DesiredLrpFilter& filter) {
  return List(impl_->caller, filter, &BbsStub::StreamDesiredLRPRoutingInfos);
}

absl::StatusOr<Listing<DesiredLrp>> BbsClient::DesiredLrpSchedulingInfos(
    const DesiredLrpFilter& filter) {
  const Wanted wanted(filter);
  Listing<DesiredLrp> listing;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](const models::DesiredLRPSchedulingInfosResponse& chunk) {
    listing.revision = chunk.revision();
    for (const models::DesiredLRPSchedulingInfo& proto : chunk.desired_lrp_scheduling_infos()) {
      DesiredLrp lrp = wire::FromProto(proto);
      if (wanted(lrp)) listing.records.push_back(std::move(lrp));
    }
  };
  DIEGO_RETURN_IF_ERROR(impl_->caller.List(&BbsStub::StreamDesiredLRPSchedulingInfos,
                                           ToProto(filter), restart, take));
  return listing;
}

}  // namespace diego::clients
