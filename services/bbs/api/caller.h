// Caller: who makes a call, whatever it came by.
#pragma once

#include <string>
#include <vector>

#include "libs/rpc/identity.h"

namespace diego::bbs {

struct Caller {
  rpc::PeerIdentity peer;  // as the server's PeerRules judged it
  // Of the request that this call serves; in logs, and in the events and calls that come of it. "":
  // none. See libs/rpc/trace_id.h.
  std::string trace_id;
  // What it calls this call, so that a repetition is known as one: metadata diego-request-id as it
  // was given, once or not at all if it is well formed. See request_identity.h.
  std::vector<std::string> request_ids = {};
};

}  // namespace diego::bbs
