// What a server says of its health, for tests.
#pragma once

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace diego::rpc {

// Asks grpc.health.v1 for `service`; empty: the whole server. "SERVING", "NOT_SERVING", or how the
// call failed.
std::string HealthOf(const std::shared_ptr<grpc::Channel>& channel,
                     const std::string& service = "");

}  // namespace diego::rpc
