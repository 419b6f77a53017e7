// Caller: who makes a call, whatever it came by.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/rpc/identity.h"

namespace diego::bbs {

struct Caller {
  rpc::PeerIdentity peer;  // as the server's PeerRules judged it
  // Of the request that this call serves; in logs, and in the events that come of it. "": none.
  std::string trace_id;
  // What it calls this call, so that a repetition is known as one: metadata diego-request-id as it
  // was given, once or not at all if it is well formed. See request_identity.h.
  std::vector<std::string> request_ids = {};
};

// The header that carries a trace id, and what becomes of its value: lower-case hexadecimal digits
// without dashes, or "" when it is anything else. Source: reference/bbs-http-api.md "Conventions".
inline constexpr char kTraceHeader[] = "X-Vcap-Request-Id";
std::string TraceIdOf(absl::string_view header);

}  // namespace diego::bbs
