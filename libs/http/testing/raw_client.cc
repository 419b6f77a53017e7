#include "libs/http/testing/raw_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"

namespace diego::http {
namespace {

using ContextPointer = std::unique_ptr<SSL_CTX, rpc::OpenSslDelete<SSL_CTX_free>>;

absl::Status Failed(absl::string_view what) {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return absl::UnavailableError(absl::StrCat(what, ": ", text));
}

}  // namespace

std::string RawReply::header(absl::string_view name) const {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos || !absl::EqualsIgnoreCase(line.substr(0, colon), name)) {
      continue;
    }
    return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return "";
}

absl::StatusOr<std::unique_ptr<RawClient>> RawClient::Plain(int port) {
  std::signal(SIGPIPE, SIG_IGN);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::unique_ptr<RawClient> client(new RawClient(fd));
  // Else what is sent after the handshake waits for the server's delayed acknowledgement.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    return absl::UnavailableError(absl::StrCat("no connection to port ", port));
  }
  return client;
}

absl::StatusOr<std::unique_ptr<RawClient>> RawClient::Secure(int port, const Tls& tls) {
  const ContextPointer context(SSL_CTX_new(TLS_client_method()));
  if (tls.version != 0) {
    SSL_CTX_set_min_proto_version(context.get(), tls.version);
    SSL_CTX_set_max_proto_version(context.get(), tls.version);
  }
  // Also what is too weak for a server of ours, so that it is the server who refuses it.
  SSL_CTX_set_security_level(context.get(), 0);
  if (tls.suites != nullptr && SSL_CTX_set_cipher_list(context.get(), tls.suites) != 1) {
    return Failed("suites");
  }
  if (!tls.files.cert_file.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), tls.files.cert_file.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), tls.files.key_file.c_str(), SSL_FILETYPE_PEM) !=
           1)) {
    return Failed("the client's certificate");
  }
  if (SSL_CTX_load_verify_locations(context.get(), tls.files.ca_file.c_str(), nullptr) != 1) {
    return Failed("the CA");
  }
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  DIEGO_ASSIGN_OR_RETURN(std::unique_ptr<RawClient> client, Plain(port));
  client->ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(client->ssl_.get(), client->fd_);
  if (SSL_connect(client->ssl_.get()) != 1) return Failed("the handshake");
  return client;
}

RawClient::~RawClient() { close(fd_); }

absl::Status RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return absl::UnavailableError("the connection takes no more");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

void RawClient::ShrinkReceiveBuffer() {
  const int bytes = 4096;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

absl::StatusOr<bool> RawClient::ReadSome(absl::Duration deadline) {
  const absl::Duration left = deadline - RealClock().Monotonic();
  pollfd waiting{fd_, POLLIN, 0};
  if (!(ssl_ && SSL_pending(ssl_.get()) > 0) &&
      (left <= absl::ZeroDuration() ||
       poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) == 0)) {
    return absl::DeadlineExceededError(
        absl::StrCat("nothing further came; before: ", buffer_.substr(0, 200)));
  }
  char bytes[16 << 10];
  const ssize_t count =
      ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes) : recv(fd_, bytes, sizeof bytes, 0);
  ERR_clear_error();
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(count));
  return true;
}

absl::StatusOr<std::string> RawClient::ReadUntil(absl::string_view end, absl::Duration timeout) {
  const absl::Duration deadline = RealClock().Monotonic() + timeout;
  size_t at = 0;
  while ((at = buffer_.find(std::string(end))) == std::string::npos) {
    DIEGO_ASSIGN_OR_RETURN(const bool more, ReadSome(deadline));
    if (!more) return absl::UnavailableError(absl::StrCat("ended after: ", buffer_));
  }
  return ReadExactly(at + end.size());
}

absl::StatusOr<std::string> RawClient::ReadExactly(size_t bytes, absl::Duration timeout) {
  const absl::Duration deadline = RealClock().Monotonic() + timeout;
  while (buffer_.size() < bytes) {
    DIEGO_ASSIGN_OR_RETURN(const bool more, ReadSome(deadline));
    if (!more) return absl::UnavailableError(absl::StrCat("ended after: ", buffer_.substr(0, 200)));
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

absl::StatusOr<std::string> RawClient::ReadToEnd(absl::Duration timeout) {
  const absl::Duration deadline = RealClock().Monotonic() + timeout;
  while (true) {
    DIEGO_ASSIGN_OR_RETURN(const bool more, ReadSome(deadline));
    if (!more) return std::exchange(buffer_, std::string());
  }
}

absl::StatusOr<RawReply> RawClient::ReadReply(absl::Duration timeout) {
  RawReply reply;
  DIEGO_ASSIGN_OR_RETURN(reply.head, ReadUntil("\r\n\r\n", timeout));
  if (!absl::SimpleAtoi(absl::string_view(reply.head).substr(9, 3), &reply.status)) {
    return absl::InternalError(absl::StrCat("no status line: ", reply.head));
  }
  size_t length = 0;
  if (absl::SimpleAtoi(reply.header("Content-Length"), &length)) {
    DIEGO_ASSIGN_OR_RETURN(reply.body, ReadExactly(length, timeout));
  }
  return reply;
}

}  // namespace diego::http
