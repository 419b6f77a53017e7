// Callbacks to https URLs: who the BBS shows itself as, and whom it believes.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/http_client/loop.h"
#include "libs/rpc/openssl.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::bbs {
namespace {

using ContextPointer = std::unique_ptr<SSL_CTX, rpc::OpenSslDelete<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, rpc::OpenSslDelete<SSL_free>>;

// Answers every https request with 200, and keeps whom the last one came from.
class TlsReceiver {
 public:
  explicit TlsReceiver(const rpc::TlsFiles& files) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate_chain_file(context_.get(), files.cert_file.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), files.key_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_load_verify_locations(context_.get(), files.ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(listen(listener_, 16) == 0);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    worker_ = std::make_unique<Worker>("receiver", [this] { return Serve(); });
  }
  ~TlsReceiver() {
    shutdown(listener_, SHUT_RDWR);
    worker_->Stop();
    close(listener_);
  }
  std::string url() const { return absl::StrCat("https://127.0.0.1:", port_, "/done"); }
  std::string peer() const {
    return peer_.With([](const std::string& peer) { return peer; });
  }

 private:
  absl::Duration Serve() {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return absl::Milliseconds(10);
    const SslPointer ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), connection);
    if (SSL_accept(ssl.get()) == 1) {
      const rpc::CertificatePointer shown(SSL_get1_peer_certificate(ssl.get()));
      const rpc::BioPointer text(BIO_new(BIO_s_mem()));
      X509_NAME_print_ex(text.get(), X509_get_subject_name(shown.get()), 0, XN_FLAG_RFC2253);
      peer_.With([&](std::string& peer) { peer = rpc::TextOf(text.get()); });
      char buffer[4096];
      SSL_read(ssl.get(), buffer, sizeof(buffer));
      const std::string answer =
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
      SSL_shutdown(ssl.get());
    }
    close(connection);
    return absl::ZeroDuration();
  }

  const ContextPointer context_;
  int listener_ = -1;
  int port_ = 0;
  Guarded<std::string> peer_;
  std::unique_ptr<Worker> worker_;
};

http_client::Outcome PostTo(const std::string& url, const rpc::TlsFiles& files) {
  http_client::Loop posts;
  http_client::Outcome answer = absl::UnknownError("no answer");
  http_client::Request request;
  request.method = "POST";
  request.url = url;
  request.body = "{}";
  request.tls = {files.ca_file, files.cert_file, files.key_file};
  posts.Begin(std::move(request), [&](const http_client::Outcome& outcome) { answer = outcome; });
  while (posts.under_way() > 0) posts.Step(absl::Milliseconds(20));
  return answer;
}

}  // namespace

TEST_CASE("task callbacks: over TLS as the BBS itself, to receivers of its own CA only",
          "[bbs][effects]") {
  rpc::TestCertificates ours;
  rpc::TestCertificates strangers;
  const rpc::TlsFiles bbs = ours.For(rpc::Role::kBbs);
  TlsReceiver receiver(ours.For(rpc::Role::kOperator));
  const http_client::Outcome told = PostTo(receiver.url(), bbs);
  INFO(told.status());
  REQUIRE(told.ok());
  CHECK(told->status == 200);
  CHECK_THAT(receiver.peer(), Catch::Contains("bbs"));

  TlsReceiver stranger(strangers.For(rpc::Role::kOperator));
  CHECK(absl::IsUnavailable(PostTo(stranger.url(), bbs).status()));
  CHECK(stranger.peer().empty());
}

}  // namespace diego::bbs
