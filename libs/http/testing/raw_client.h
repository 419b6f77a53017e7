// RawClient: a client of HTTP servers that sends exactly the bytes it is given, plain or behind a
// TLS handshake. For tests; talks to 127.0.0.1.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/rpc/openssl.h"
#include "libs/rpc/tls_files.h"

namespace diego::http {

struct RawReply {
  int status = 0;
  std::string head;  // up to and with its last header's line break
  std::string body;

  // The value of the header, "" when there is none.
  std::string header(absl::string_view name) const;
};

// One thread at a time.
class RawClient {
 public:
  struct Tls {
    rpc::TlsFiles files = {};      // without cert_file no certificate is shown
    int version = 0;               // TLS1_2_VERSION: no other; 0: the best
    const char* suites = nullptr;  // of TLS 1.2
  };
  static absl::StatusOr<std::unique_ptr<RawClient>> Plain(int port);
  static absl::StatusOr<std::unique_ptr<RawClient>> Secure(int port, const Tls& tls);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  absl::Status Send(absl::string_view bytes);
  // Takes no further bytes in after these: what is sent beyond fills the kernel's buffers.
  void ShrinkReceiveBuffer();
  // Everything up to and with `end`. Unavailable: the connection ended before. DeadlineExceeded.
  absl::StatusOr<std::string> ReadUntil(absl::string_view end,
                                        absl::Duration timeout = absl::Seconds(20));
  absl::StatusOr<std::string> ReadExactly(size_t bytes, absl::Duration timeout = absl::Seconds(20));
  // What came until the other side ended. DeadlineExceeded: it does not.
  absl::StatusOr<std::string> ReadToEnd(absl::Duration timeout = absl::Seconds(20));
  // A head and as much body as its Content-Length says.
  absl::StatusOr<RawReply> ReadReply(absl::Duration timeout = absl::Seconds(20));
  // "TLSv1.3", and the suite.
  std::string version() const { return ssl_ ? SSL_get_version(ssl_.get()) : ""; }
  std::string suite() const { return ssl_ ? SSL_get_cipher_name(ssl_.get()) : ""; }

 private:
  explicit RawClient(int fd) : fd_(fd) {}
  // False at the end. The error is DeadlineExceeded.
  absl::StatusOr<bool> ReadSome(absl::Duration deadline);

  const int fd_;
  std::unique_ptr<SSL, rpc::OpenSslDelete<SSL_free>> ssl_;
  std::string buffer_;
};

}  // namespace diego::http
