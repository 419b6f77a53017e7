// diego.SubscribeResponse -> BbsEvent. Internal to libs/clients.
#pragma once

#include "absl/status/statusor.h"
#include "libs/clients/bbs_types.h"
#include "proto/diego/bbs.pb.h"

namespace diego::clients {

// `response` must carry an event. An event of a kind that we do not know is Unimplemented.
absl::StatusOr<BbsEvent> DecodeEvent(SubscribeResponse response);

}  // namespace diego::clients
