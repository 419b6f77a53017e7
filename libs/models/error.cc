#include "libs/models/error.h"
#include "absl/strings/string_view.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace diego {
namespace {

constexpr char kPayloadUrl[] = "diego/error-type";

struct TypeInfo {
  ErrorType type;
  absl::StatusCode code;
  absl::string_view name;
  absl::string_view message;
};

using absl::StatusCode;
constexpr TypeInfo kTypes[] = {
    {ErrorType::kUnknownError, StatusCode::kUnknown, "UnknownError",
     "the request failed for an unknown reason"},
    {ErrorType::kInvalidRecord, StatusCode::kInternal, "InvalidRecord", "invalid record"},
    {ErrorType::kInvalidRequest, StatusCode::kInvalidArgument, "InvalidRequest",
     "the request received is invalid"},
    {ErrorType::kInvalidResponse, StatusCode::kInternal, "InvalidResponse", "invalid response"},
    {ErrorType::kInvalidProtobufMessage, StatusCode::kInvalidArgument, "InvalidProtobufMessage",
     "invalid protobuf message"},
    {ErrorType::kInvalidJSON, StatusCode::kInvalidArgument, "InvalidJSON", "invalid JSON"},
    {ErrorType::kFailedToOpenEnvelope, StatusCode::kDataLoss, "FailedToOpenEnvelope",
     "could not open envelope"},
    {ErrorType::kInvalidStateTransition, StatusCode::kFailedPrecondition, "InvalidStateTransition",
     "invalid state transition"},
    {ErrorType::kResourceConflict, StatusCode::kAborted, "ResourceConflict",
     "the requested resource is in a conflicting state"},
    {ErrorType::kResourceExists, StatusCode::kAlreadyExists, "ResourceExists",
     "the requested resource already exists"},
    {ErrorType::kResourceNotFound, StatusCode::kNotFound, "ResourceNotFound",
     "the requested resource could not be found"},
    {ErrorType::kRouterError, StatusCode::kUnavailable, "RouterError", "router error"},
    {ErrorType::kActualLRPCannotBeClaimed, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeClaimed", "cannot claim actual LRP"},
    {ErrorType::kActualLRPCannotBeStarted, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeStarted", "cannot start actual LRP"},
    {ErrorType::kActualLRPCannotBeCrashed, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeCrashed", "cannot crash actual LRP"},
    {ErrorType::kActualLRPCannotBeFailed, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeFailed", "cannot fail actual LRP"},
    {ErrorType::kActualLRPCannotBeRemoved, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeRemoved", "cannot remove actual LRP"},
    {ErrorType::kActualLRPCannotBeUnclaimed, StatusCode::kFailedPrecondition,
     "ActualLRPCannotBeUnclaimed", "cannot unclaim actual LRP"},
    {ErrorType::kRunningOnDifferentCell, StatusCode::kFailedPrecondition, "RunningOnDifferentCell",
     "running on a different cell"},
    {ErrorType::kGUIDGeneration, StatusCode::kInternal, "GUIDGeneration",
     "cannot generate random guid"},
    {ErrorType::kDeserialize, StatusCode::kDataLoss, "Deserialize", "could not deserialize record"},
    {ErrorType::kDeadlock, StatusCode::kAborted, "Deadlock", "the request failed due to deadlock"},
    {ErrorType::kUnrecoverable, StatusCode::kInternal, "Unrecoverable", "Unrecoverable Error: "},
    {ErrorType::kLockCollision, StatusCode::kAlreadyExists, "LockCollision", "lock already exists"},
    {ErrorType::kTimeout, StatusCode::kDeadlineExceeded, "Timeout", "the request timed out"},
};

const TypeInfo& InfoOf(ErrorType type) {
  for (const TypeInfo& info : kTypes) {
    if (info.type == type) return info;
  }
  return kTypes[0];
}

}  // namespace

absl::string_view ErrorTypeName(ErrorType type) { return InfoOf(type).name; }

absl::Status DiegoError(ErrorType type, absl::string_view message) {
  const TypeInfo& info = InfoOf(type);
  absl::Status status(info.code, message.empty() ? info.message : message);
  status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(static_cast<int32_t>(type))));
  return status;
}

ErrorType ErrorTypeOf(const absl::Status& status) {
  int32_t number = 0;
  if (const auto payload = status.GetPayload(kPayloadUrl);
      payload && absl::SimpleAtoi(std::string(*payload), &number)) {
    return static_cast<ErrorType>(number);
  }
  switch (status.code()) {
    case StatusCode::kInvalidArgument: return ErrorType::kInvalidRequest;
    case StatusCode::kNotFound: return ErrorType::kResourceNotFound;
    case StatusCode::kAlreadyExists: return ErrorType::kResourceExists;
    case StatusCode::kDeadlineExceeded: return ErrorType::kTimeout;
    default: return ErrorType::kUnknownError;
  }
}

bool IsDiegoError(const absl::Status& status, ErrorType type) {
  return status.GetPayload(kPayloadUrl).has_value() && ErrorTypeOf(status) == type;
}

}  // namespace diego
