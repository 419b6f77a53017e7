// absl::Status <-> models.Error. Source: reference/wire-models.md "Error messages by type".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/models/error.pb.h"

namespace diego::wire {

// The Diego type that the status carries, or the one that fits its code; `status` must not be OK.
models::Error ToProto(const absl::Status& status);
// A status of the canonical code of the type. A type that we do not know becomes UnknownError with
// the number in its message.
absl::Status FromProto(const models::Error& proto);

// gRPC carries a refusal as a canonical code, a message and these bytes: the models.Error,
// serialized. "" for an OK status.
std::string ToErrorDetails(const absl::Status& status);
// Puts the three together again: the code stays what it was and the Diego type rides as payload.
// Details that are missing or no models.Error leave a status of code and message alone.
absl::Status FromErrorDetails(absl::StatusCode code, absl::string_view message,
                              absl::string_view details);

}  // namespace diego::wire
