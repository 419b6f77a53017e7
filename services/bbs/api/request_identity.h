// Which call a client makes, when it says so: metadata "diego-request-id" on gRPC.
// Source: docs/adr/0010-a-repeated-call-is-answered-from-a-row.md.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "libs/rpc/identity.h"
#include "services/bbs/api/caller.h"
#include "services/bbs/api/permissions.h"
#include "services/bbs/core/change.h"

namespace diego::bbs {

// `id` as the client gave it. InvalidRequest unless it is one (libs/rpc/request_id.h).
absl::StatusOr<RequestIdentity> RequestIdentityOf(absl::string_view id,
                                                  const rpc::PeerIdentity& peer, BbsCall call,
                                                  const google::protobuf::MessageLite& request);

// As the caller says; nothing when it gives no id. InvalidRequest also for several.
absl::StatusOr<std::optional<RequestIdentity>> RequestIdentityOf(
    const Caller& caller, BbsCall call, const google::protobuf::MessageLite& request);

}  // namespace diego::bbs
