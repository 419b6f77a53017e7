// TlsContext: what new connections of a server speak TLS with; follows its files when they change.
// Internal to libs/http.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/openssl.h"
#include "libs/rpc/tls_files.h"

namespace diego::http {

using SslPointer = std::unique_ptr<SSL, rpc::OpenSslDelete<SSL_free>>;

// Mutual TLS 1.2 to 1.3. With 1.2 the suites of the original for RSA keys, and their like for
// ECDSA keys. No sessions are resumed: every connection shows its certificate.
// Source: reference/bbs-http-api.md "TLS". One thread at a time.
class TlsContext {
 public:
  // The error is that of rpc::CheckTlsFiles.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(const rpc::TlsFiles& files,
                                                          absl::Time now, const log::Logger& log);

  // Reads the files anew if they changed since. What is unusable is logged, and the old go on.
  void Refresh(absl::Time now);
  // The server's end of a connection on `fd`, which must not block. Null: out of memory.
  SslPointer NewConnection(int fd) const;

 private:
  using ContextPointer = std::unique_ptr<SSL_CTX, rpc::OpenSslDelete<SSL_CTX_free>>;
  TlsContext(const rpc::TlsFiles& files, const log::Logger& log) : files_(files), log_(log) {}
  absl::Status Read(absl::Time now);
  // Changes whenever a file was replaced or written.
  std::string Mark() const;

  const rpc::TlsFiles files_;
  const log::Logger log_;
  ContextPointer context_;
  std::string mark_;
};

}  // namespace diego::http
