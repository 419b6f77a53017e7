// Caller: who makes a call, whatever it came by.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/rpc/identity.h"

namespace diego::bbs {

struct Caller {
  rpc::PeerIdentity peer;  // as the server's PeerRules judged it
  // Of the request that this call serves; in logs, and in the events that come of it. "": none.
  std::string trace_id;
};

// The header that carries a trace id, and what becomes of its value: lower-case hexadecimal digits
// without dashes, or "" when it is anything else. Source: reference/bbs-http-api.md "Conventions".
inline constexpr char kTraceHeader[] = "X-Vcap-Request-Id";
std::string TraceIdOf(absl::string_view header);

}  // namespace diego::bbs
