// Credentials made of files, which follow them when they change.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "libs/rpc/tls_files.h"

namespace diego::rpc {

// Reads all three and says in one InvalidArgument what is wrong with which: missing, not PEM,
// key and certificate not a pair, certificate expired or not yet valid at `now`.
absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now);

// InvalidArgument, with the remedy, unless the certificate in that file carries this IP address
// among its alternative names.
absl::Status RequireAddressInCertificate(const std::string& cert_file, const std::string& ip);

// How soon a changed file is used for new connections; those that stand are kept.
inline constexpr absl::Duration kCertificateRefresh = absl::Seconds(10);

// Mutual TLS, 1.2 to 1.3; peers must show a certificate of the CA. `refresh` is in whole seconds,
// at least one. Replace key and certificate by rename; a pair caught half-way heals at the next
// refresh. The error is that of CheckTlsFiles at the present time.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsFiles& files, absl::Duration refresh = kCertificateRefresh);

// The same for the calling side; also checks that the server's certificate names the host dialled
// (or ChannelOptions.server_name). Share one object among channels: each has a thread.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsFiles& files, absl::Duration refresh = kCertificateRefresh);

}  // namespace diego::rpc
