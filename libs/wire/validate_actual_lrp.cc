#include "libs/wire/validate.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {
namespace {

template <typename Request>
void CheckKey(const Request& request, FaultList* faults) {
  if (!request.has_actual_lrp_key()) return faults->Field("actual_lrp_key");
  CheckSet("process_guid", request.actual_lrp_key().process_guid(), faults);
  if (request.actual_lrp_key().index() < 0) faults->Field("index");
  CheckSet("domain", request.actual_lrp_key().domain(), faults);
  CheckWidth("process_guid", request.actual_lrp_key().process_guid(), kNameLimitCharacters, faults);
  CheckWidth("domain", request.actual_lrp_key().domain(), kNameLimitCharacters, faults);
}

template <typename Request>
void CheckInstanceKeyIfGiven(const Request& request, FaultList* faults) {
  if (!request.has_actual_lrp_instance_key()) return;
  CheckSet("instance_guid", request.actual_lrp_instance_key().instance_guid(), faults);
  CheckSet("cell_id", request.actual_lrp_instance_key().cell_id(), faults);
  CheckWidth("instance_guid", request.actual_lrp_instance_key().instance_guid(),
             kNameLimitCharacters, faults);
  CheckWidth("cell_id", request.actual_lrp_instance_key().cell_id(), kNameLimitCharacters, faults);
}

template <typename Request>
void CheckInstanceKey(const Request& request, FaultList* faults) {
  if (!request.has_actual_lrp_instance_key()) faults->Field("actual_lrp_instance_key");
  CheckInstanceKeyIfGiven(request, faults);
}

template <typename Request>
void CheckNetInfo(const Request& request, FaultList* faults) {
  if (!request.has_actual_lrp_net_info()) return faults->Field("actual_lrp_net_info");
  CheckSet("address", request.actual_lrp_net_info().address(), faults);
  if (!models::ActualLRPNetInfo::PreferredAddress_IsValid(
          request.actual_lrp_net_info().preferred_address())) {
    faults->Field("preferred_address");
  }
}

// Start and EvacuateRunning: an instance says that it runs.
template <typename Request>
absl::Status ValidateRunning(const Request& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckInstanceKey(request, &faults);
  CheckNetInfo(request, &faults);
  CheckWidth("availability_zone", request.availability_zone(), kNameLimitCharacters, &faults);
  CheckWidth("definition_id", request.definition_id(), kNameLimitCharacters, &faults);
  CheckRecordSize(request.ByteSizeLong(), &faults);
  return faults.ToStatus();
}

template <typename Request>
absl::Status ValidateKeyAndInstanceKeyIfGiven(const Request& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckInstanceKeyIfGiven(request, &faults);
  return faults.ToStatus();
}

}  // namespace

absl::Status Validate(const models::ActualLRPsByProcessGuidsRequest& request) {
  FaultList faults;
  if (request.process_guids().empty()) faults.Text("process_guids must not be empty");
  return faults.ToStatus();
}

absl::Status Validate(const models::ActualLRPGroupsByProcessGuidRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::ActualLRPGroupByProcessGuidAndIndexRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  if (request.index() < 0) faults.Field("index");
  return faults.ToStatus();
}

absl::Status Validate(const models::ClaimActualLRPRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  CheckInstanceKey(request, &faults);
  CheckWidth("definition_id", request.definition_id(), kNameLimitCharacters, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::StartActualLRPRequest& request) {
  return ValidateRunning(request);
}

absl::Status Validate(const models::CrashActualLRPRequest& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckInstanceKey(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::FailActualLRPRequest& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckSet("error_message", request.error_message(), &faults);
  CheckPlacementRefusal(request.placement_refusal(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RetireActualLRPRequest& request) {
  FaultList faults;
  CheckKey(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RemoveActualLRPRequest& request) {
  FaultList faults;
  CheckSet("process_guid", request.process_guid(), &faults);
  if (request.index() < 0) faults.Field("index");
  CheckInstanceKeyIfGiven(request, &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::EvacuateClaimedActualLRPRequest& request) {
  return ValidateKeyAndInstanceKeyIfGiven(request);
}

absl::Status Validate(const models::EvacuateRunningActualLRPRequest& request) {
  return ValidateRunning(request);
}

absl::Status Validate(const models::EvacuateStoppedActualLRPRequest& request) {
  return ValidateKeyAndInstanceKeyIfGiven(request);
}

absl::Status Validate(const models::EvacuateCrashedActualLRPRequest& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckInstanceKey(request, &faults);
  CheckSet("error_message", request.error_message(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::RemoveEvacuatingActualLRPRequest& request) {
  FaultList faults;
  CheckKey(request, &faults);
  CheckInstanceKey(request, &faults);
  return faults.ToStatus();
}

}  // namespace diego::wire
