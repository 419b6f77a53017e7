#include "libs/http/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "libs/rpc/identity.h"

namespace diego::http {
namespace {

constexpr size_t kMostAtOnce = 1 << 20;

Transport::Io PlainResult(ssize_t result, Transport::Io again) {
  if (result > 0) return Transport::Io::kDone;
  if (result == 0) return Transport::Io::kClosed;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? again : Transport::Io::kFailed;
}

}  // namespace

Transport::Io Transport::SslResult(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ: return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE: return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN: return Io::kClosed;
    default: usable_ = false; return Io::kFailed;
  }
}

Transport::Io Transport::Handshake() {
  if (ssl_ == nullptr) return Io::kDone;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Io::kDone : SslResult(result);
}

Transport::Io Transport::Read(char* data, size_t size, size_t* count) {
  *count = 0;
  if (ssl_ == nullptr) return Discard(data, size, count);
  ERR_clear_error();
  const int result = SSL_read(ssl_.get(), data, static_cast<int>(std::min(size, kMostAtOnce)));
  if (result <= 0) return SslResult(result);
  *count = static_cast<size_t>(result);
  return Io::kDone;
}

Transport::Io Transport::Discard(char* data, size_t size, size_t* count) {
  const ssize_t result = recv(fd_, data, size, 0);
  *count = result > 0 ? static_cast<size_t>(result) : 0;
  return PlainResult(result, Io::kWantRead);
}

Transport::Io Transport::Write(const char* data, size_t size, size_t* count) {
  *count = 0;
  if (size == 0) return Io::kDone;
  if (ssl_ == nullptr) {
    const ssize_t result = send(fd_, data, size, MSG_NOSIGNAL);
    if (result > 0) *count = static_cast<size_t>(result);
    return PlainResult(result, Io::kWantWrite);
  }
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), data, static_cast<int>(std::min(size, kMostAtOnce)));
  if (result <= 0) return SslResult(result);
  *count = static_cast<size_t>(result);
  return Io::kDone;
}

void Transport::Close() {
  if (ssl_ != nullptr && usable_ && SSL_is_init_finished(ssl_.get())) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

std::optional<rpc::PeerIdentity> Transport::Peer() const {
  if (ssl_ == nullptr) return std::nullopt;
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate == nullptr ? rpc::PeerIdentity{} : rpc::IdentityOf(*certificate);
}

}  // namespace diego::http
