// Requests that are no message of their method. gRPC answers them with an empty UNIMPLEMENTED; we
// answer InvalidRequest "the request received is invalid: …", as the original does.
// Source: reference/bbs-http-api.md "unparsable body".
#pragma once

#include <memory>

#include "grpcpp/support/server_interceptor.h"

namespace diego::rpc {

// For every server. Watches calls whose handlers never see them; thread-safe.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> RefuseMalformedRequests();

}  // namespace diego::rpc
