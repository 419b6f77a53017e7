// absl::Status <-> grpc::Status. A refusal travels as a canonical code, a message and, in the
// details, the serialized models.Error. Source: reference/wire-models.md "Error messages by type".
#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace diego::rpc {

// The longest message sent: a refusal must fit the peer's header limit of 8 KB.
inline constexpr size_t kMaxMessageBytes = 2000;

// Longer messages are cut at a character and end in "…".
grpc::Status ToGrpc(const absl::Status& status);

// The Diego type in the details rides on as payload; "" or foreign details are dropped.
absl::Status FromGrpc(const grpc::Status& status);

// True when the peer itself answered with this refusal: then the call was not carried out, as far
// as the refusal says. False for what the transport makes up (no connection, connection lost).
bool AnsweredByPeer(const grpc::Status& status);

}  // namespace diego::rpc
