#include "integration/suite/raw_peer.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"

namespace diego::suite {
namespace {

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;
using SslSession = std::unique_ptr<SSL, SslDeleter>;

constexpr unsigned char kH2[] = {2, 'h', '2'};

// A connected socket, or -1.
int Connect(const std::string& address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) return -1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) return fd;
  close(fd);
  return -1;
}

absl::Status NoConnection(const std::string& address) {
  return absl::UnavailableError(absl::StrCat("no connection to ", address));
}

// Calls `read` while the socket has something, until it says that all is over.
absl::Status DrainUntilClosed(int fd, absl::Duration timeout, const std::function<bool()>& read) {
  const absl::Duration end = RealClock().Monotonic() + timeout;
  while (true) {
    const absl::Duration left = end - RealClock().Monotonic();
    pollfd waiting{fd, POLLIN, 0};
    if (left <= absl::ZeroDuration() ||
        poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) == 0) {
      return absl::DeadlineExceededError("the server keeps the connection open");
    }
    if (!read()) return absl::OkStatus();
  }
}

grpc::ByteBuffer BufferOf(absl::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

absl::Status SendOnSocket(const std::string& address, absl::string_view bytes,
                          absl::Duration timeout) {
  const int fd = Connect(address);
  if (fd < 0) return NoConnection(address);
  const absl::Cleanup close_socket = [fd] { close(fd); };
  send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  shutdown(fd, SHUT_WR);
  return DrainUntilClosed(fd, timeout, [fd] {
    char buffer[4096];
    const ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    return got > 0 || (got < 0 && errno == EAGAIN);
  });
}

absl::Status SendBehindTls(const std::string& address, const rpc::TlsFiles& tls,
                           absl::string_view bytes, absl::Duration timeout) {
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.cert_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return absl::InternalError("the client's certificate cannot be used");
  }
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof(kH2));
  const int fd = Connect(address);
  if (fd < 0) return NoConnection(address);
  const absl::Cleanup close_socket = [fd] { close(fd); };
  const SslSession ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), fd);
  if (SSL_connect(ssl.get()) != 1) return absl::InternalError("the handshake failed");
  SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
  return DrainUntilClosed(fd, timeout, [&ssl] {
    char buffer[4096];
    return SSL_read(ssl.get(), buffer, sizeof(buffer)) > 0;
  });
}

std::string ClientHello() {
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  const SslSession ssl(SSL_new(context.get()));
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(sent, &data);
  return std::string(data, static_cast<size_t>(size));
}

grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                           absl::string_view request, absl::Duration timeout) {
  grpc::ClientContext context;
  rpc::SetTimeout(&context, timeout);
  grpc::CompletionQueue queue;
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return ok;
  };
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  if (next()) {
    call->WriteLast(BufferOf(request), grpc::WriteOptions(), nullptr);
    next();
  }
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  const bool answered = next();
  if (answered) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  next();
  queue.Shutdown();
  return answered ? grpc::Status::OK : status;
}

}  // namespace diego::suite
