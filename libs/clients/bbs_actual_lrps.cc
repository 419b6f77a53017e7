// The actual LRP and evacuation calls of BbsClient.
#include <utility>

#include "libs/base/status_util.h"
#include "libs/clients/bbs_impl.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/placement.h"

namespace diego::clients {
namespace {

models::ActualLRPsRequest ToProto(const ActualLrpFilter& filter) {
  models::ActualLRPsRequest request;
  request.set_domain(filter.domain.value());
  request.set_cell_id(filter.cell_id.value());
  request.set_process_guid(filter.process_guid.value());
  if (filter.index) request.set_index(*filter.index);
  return request;
}

template <typename Request>
void SetKeys(const ActualLrpKey& key, const InstanceKey& instance, Request* request) {
  *request->mutable_actual_lrp_key() = wire::ToProto(key);
  *request->mutable_actual_lrp_instance_key() = wire::ToProto(instance);
}

// StartActualLRPRequest and EvacuateRunningActualLRPRequest say the same.
template <typename Request>
Request RunningProto(const RunningInstance& running) {
  Request request;
  SetKeys(running.key, running.instance, &request);
  *request.mutable_actual_lrp_net_info() = wire::ToProto(running.net_info);
  wire::ToProto(running.internal_routes, request.mutable_actual_lrp_internal_routes());
  wire::ToProto(running.metric_tags, request.mutable_metric_tags());
  if (running.routable) request.set_routable(*running.routable);
  request.set_availability_zone(running.availability_zone);
  request.set_definition_id(running.definition_id);
  return request;
}

// claim and remove name the LRP by guid and index.
template <typename Request>
Request IndexProto(const ActualLrpKey& key, const InstanceKey& instance) {
  Request request;
  request.set_process_guid(key.process_guid.value());
  request.set_index(key.index);
  *request.mutable_actual_lrp_instance_key() = wire::ToProto(instance);
  return request;
}

// Collects chunks; both lists of actual LRPs come in the same shape.
template <typename Request, typename Chunk>
absl::StatusOr<Listing<ActualLrp>> List(Caller<Bbs>& caller,
                                        std::unique_ptr<grpc::ClientReader<Chunk>> (
                                            BbsStub::*method)(grpc::ClientContext*, const Request&),
                                        const Request& request) {
  Listing<ActualLrp> listing;
  absl::Status fault;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](const Chunk& chunk) {
    listing.revision = chunk.revision();
    for (const models::ActualLRP& proto : chunk.actual_lrps()) {
      absl::StatusOr<ActualLrp> lrp = wire::FromProto(proto);
      if (lrp.ok()) {
        listing.records.push_back(*std::move(lrp));
      } else {
        fault.Update(lrp.status());
      }
    }
  };
  DIEGO_RETURN_IF_ERROR(caller.List(method, request, restart, take));
  DIEGO_RETURN_IF_ERROR(fault);
  return listing;
}

// Source of `kept_on_failure`: reference/bbs-http-api.md "Client library behaviour".
template <typename Request>
EvacuationAnswer Evacuate(Caller<Bbs>& caller, Repeat repeat, bool kept_on_failure,
                          grpc::Status (BbsStub::*method)(grpc::ClientContext*, const Request&,
                                                          models::EvacuationResponse*),
                          const Request& request) {
  models::EvacuationResponse response;
  EvacuationAnswer answer;
  answer.status = repeat == Repeat::kSafe ? caller.Call(repeat, method, request, &response)
                                          : caller.CallOnce("", method, request, &response);
  // A BBS of the original may refuse and say what to do.
  const bool says = answer.status.ok() || response.has_error();
  answer.keep_container = says ? response.keep_container() : kept_on_failure;
  return answer;
}

}  // namespace

absl::StatusOr<Listing<ActualLrp>> BbsClient::ActualLrps(const ActualLrpFilter& filter) {
  return List(impl_->caller, &BbsStub::StreamActualLRPs, ToProto(filter));
}

absl::StatusOr<Listing<ActualLrp>> BbsClient::ActualLrpsByProcessGuids(
    const std::vector<ProcessGuid>& process_guids) {
  models::ActualLRPsByProcessGuidsRequest request;
  for (const ProcessGuid& guid : process_guids) request.add_process_guids(guid.value());
  return List(impl_->caller, &BbsStub::StreamActualLRPsByProcessGuids, request);
}

absl::Status BbsClient::ClaimActualLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                       const std::string& definition_id) {
  auto request = IndexProto<models::ClaimActualLRPRequest>(key, instance);
  request.set_definition_id(definition_id);
  return impl_->Do(Repeat::kSafe, &BbsStub::ClaimActualLRP, request);
}

absl::Status BbsClient::StartActualLrp(const RunningInstance& running) {
  return impl_->Do(Repeat::kSafe, &BbsStub::StartActualLRP,
                   RunningProto<models::StartActualLRPRequest>(running));
}

absl::Status BbsClient::CrashActualLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                       absl::string_view reason) {
  models::CrashActualLRPRequest request;
  SetKeys(key, instance, &request);
  request.set_error_message(std::string(reason));
  return impl_->DoOnce("", &BbsStub::CrashActualLRP, request);
}

absl::Status BbsClient::FailActualLrp(const ActualLrpKey& key, absl::string_view placement_error,
                                      const PlacementRefusal& refusal) {
  models::FailActualLRPRequest request;
  *request.mutable_actual_lrp_key() = wire::ToProto(key);
  request.set_error_message(std::string(placement_error));
  if (refusal != PlacementRefusal()) *request.mutable_placement_refusal() = wire::ToProto(refusal);
  return impl_->Do(Repeat::kSafe, &BbsStub::FailActualLRP, request);
}

absl::Status BbsClient::RemoveActualLrp(const ActualLrpKey& key, const InstanceKey& instance) {
  return impl_->DoOnce("", &BbsStub::RemoveActualLRP,
                       IndexProto<models::RemoveActualLRPRequest>(key, instance));
}

absl::Status BbsClient::RetireActualLrp(const ActualLrpKey& key) {
  models::RetireActualLRPRequest request;
  *request.mutable_actual_lrp_key() = wire::ToProto(key);
  return impl_->DoOnce("", &BbsStub::RetireActualLRP, request);
}

EvacuationAnswer BbsClient::EvacuateClaimedActualLrp(const ActualLrpKey& key,
                                                     const InstanceKey& instance) {
  models::EvacuateClaimedActualLRPRequest request;
  SetKeys(key, instance, &request);
  return Evacuate(impl_->caller, Repeat::kSafe, true, &BbsStub::EvacuateClaimedActualLRP, request);
}

EvacuationAnswer BbsClient::EvacuateRunningActualLrp(const RunningInstance& running) {
  return Evacuate(impl_->caller, Repeat::kSafe, true, &BbsStub::EvacuateRunningActualLRP,
                  RunningProto<models::EvacuateRunningActualLRPRequest>(running));
}

EvacuationAnswer BbsClient::EvacuateStoppedActualLrp(const ActualLrpKey& key,
                                                     const InstanceKey& instance) {
  models::EvacuateStoppedActualLRPRequest request;
  SetKeys(key, instance, &request);
  return Evacuate(impl_->caller, Repeat::kUnsafe, false, &BbsStub::EvacuateStoppedActualLRP,
                  request);
}

EvacuationAnswer BbsClient::EvacuateCrashedActualLrp(const ActualLrpKey& key,
                                                     const InstanceKey& instance,
                                                     absl::string_view reason) {
  models::EvacuateCrashedActualLRPRequest request;
  SetKeys(key, instance, &request);
  request.set_error_message(std::string(reason));
  return Evacuate(impl_->caller, Repeat::kUnsafe, false, &BbsStub::EvacuateCrashedActualLRP,
                  request);
}

absl::Status BbsClient::RemoveEvacuatingActualLrp(const ActualLrpKey& key,
                                                  const InstanceKey& instance) {
  models::RemoveEvacuatingActualLRPRequest request;
  SetKeys(key, instance, &request);
  return impl_->Do(Repeat::kSafe, &BbsStub::RemoveEvacuatingActualLRP, request);
}

}  // namespace diego::clients
