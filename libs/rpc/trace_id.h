// The id by which one request is followed through the components: of logs, of events, and of the
// calls that come of it. Source: reference/bbs-http-api.md "Conventions".
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_context.h"

namespace diego::rpc {

inline constexpr char kTraceHeader[] = "X-Vcap-Request-Id";    // of HTTP
inline constexpr char kTraceMetadata[] = "x-vcap-request-id";  // of gRPC

// What becomes of the header's value: lower-case hexadecimal digits without dashes, or "" when it
// is anything else.
std::string TraceIdOf(absl::string_view header);
// The same of a call's metadata; "" without.
std::string TraceIdOf(const grpc::ServerContextBase& context);

// Nothing for "".
void SetTraceId(grpc::ClientContext* context, absl::string_view trace_id);

}  // namespace diego::rpc
