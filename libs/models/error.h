// Diego's errors. They travel as absl::Status with the Diego type as payload, so that every layer
// can pass them on, and become a wire error only at the edge.
// Source: reference/wire-models.md, "Enums" (Error.Type) and "Error messages by type".
#pragma once

#include <cstdint>
#include <string>
#include "absl/strings/string_view.h"

#include "absl/status/status.h"

namespace diego {

enum class ErrorType : int32_t {
  kUnknownError = 0,
  kInvalidRecord = 3,
  kInvalidRequest = 4,
  kInvalidResponse = 5,
  kInvalidProtobufMessage = 6,
  kInvalidJSON = 7,
  kFailedToOpenEnvelope = 8,
  kInvalidStateTransition = 9,
  kResourceConflict = 11,
  kResourceExists = 12,
  kResourceNotFound = 13,
  kRouterError = 14,
  kActualLRPCannotBeClaimed = 15,
  kActualLRPCannotBeStarted = 16,
  kActualLRPCannotBeCrashed = 17,
  kActualLRPCannotBeFailed = 18,
  kActualLRPCannotBeRemoved = 19,
  kActualLRPCannotBeUnclaimed = 21,
  kRunningOnDifferentCell = 24,
  kGUIDGeneration = 26,
  kDeserialize = 27,
  kDeadlock = 28,
  kUnrecoverable = 29,
  kLockCollision = 30,
  kTimeout = 31,
};

// The type's name as in the reference, "ResourceNotFound"; "UnknownError" for numbers not known.
absl::string_view ErrorTypeName(ErrorType type);

// A status of the canonical code that fits `type`, carrying `type` as payload. An empty message
// becomes the reference's text for the type.
absl::Status DiegoError(ErrorType type, absl::string_view message = "");

// The Diego type a status carries; for a status without one, the type that fits its code
// (DeadlineExceeded: Timeout; InvalidArgument: InvalidRequest; NotFound: ResourceNotFound;
// AlreadyExists: ResourceExists; else UnknownError).
ErrorType ErrorTypeOf(const absl::Status& status);

// True when the status carries exactly this Diego type as payload.
bool IsDiegoError(const absl::Status& status, ErrorType type);

}  // namespace diego
