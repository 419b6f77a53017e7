// A peer that does not keep to the protocol: bytes on a socket, bytes behind a TLS handshake, and
// gRPC calls of any bytes to any method. Addresses are "127.0.0.1:port".
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "libs/rpc/tls_files.h"

namespace diego::suite {

// Connects, sends `bytes`, closes its side, and reads until the other closes. DeadlineExceeded when
// it does not within `timeout`.
absl::Status SendOnSocket(const std::string& address, absl::string_view bytes,
                          absl::Duration timeout);
// The same behind a whole TLS handshake with ALPN h2.
absl::Status SendBehindTls(const std::string& address, const rpc::TlsFiles& tls,
                           absl::string_view bytes, absl::Duration timeout);
// What a TLS client says first; to be sent in part.
std::string ClientHello();

// Calls `method`, "/diego.Bbs/Ping", with `request` as it is, and reads until the answer is
// complete, or one response of a stream has come (then the call is cancelled and OK).
grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                           absl::string_view request, absl::Duration timeout);

}  // namespace diego::suite
