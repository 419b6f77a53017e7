// Who may hold which lease: a component its own lock, a cell its own presence, an operator all.
// Source: reference/locket-grpc-api.md "Keys and values"; docs/adr/ "Peer identity".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/rpc/identity.h"
#include "services/locket/core/lease.h"

namespace diego::locket {

// OK, or PERMISSION_DENIED that says what the peer may hold. `type` kUnknown: any (a release).
absl::Status MayHold(const rpc::PeerIdentity& peer, const std::string& key, LeaseType type);

// Every component may read who holds what; a certificate without a role may not.
absl::Status MayRead(const rpc::PeerIdentity& peer);

}  // namespace diego::locket
