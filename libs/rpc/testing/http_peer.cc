#include "libs/rpc/testing/http_peer.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/rpc/openssl.h"

namespace diego::rpc {
namespace {

constexpr int kPollMilliseconds = 50;
using SslPointer = std::unique_ptr<SSL, OpenSslDelete<SSL_free>>;

void SetReadTimeout(int fd, int milliseconds) {
  const timeval timeout{milliseconds / 1000, milliseconds % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

std::string ClientName(SSL* ssl) {
  X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return "";
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof(name));
  return name;
}

// The whole request, or false when the client goes before.
bool ReadRequest(SSL* ssl, HttpPeer::Asked* asked) {
  std::string text;
  char buffer[4096];
  size_t head = std::string::npos;
  size_t length = 0;
  while (head == std::string::npos || text.size() < head + 4 + length) {
    const int count = SSL_read(ssl, buffer, sizeof(buffer));
    if (count <= 0) return false;
    text.append(buffer, static_cast<size_t>(count));
    if (head != std::string::npos) continue;
    head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const std::vector<std::string> lines = absl::StrSplit(text.substr(0, head), "\r\n");
    const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
    if (words.size() != 3) return false;
    asked->method = words[0];
    asked->path = words[1];
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::pair<std::string, std::string> header =
          absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
      asked->headers[absl::AsciiStrToLower(header.first)] = header.second;
    }
    if (asked->headers.count("content-length") > 0) {
      (void)absl::SimpleAtoi(asked->headers["content-length"], &length);
    }
  }
  asked->body = text.substr(head + 4);
  return true;
}

}  // namespace

struct HttpPeer::Tls {
  std::unique_ptr<SSL_CTX, OpenSslDelete<SSL_CTX_free>> context;
};

HttpPeer::HttpPeer(const TlsFiles& files, Handler handler)
    : handler_(std::move(handler)), tls_(std::make_unique<Tls>()) {
  tls_->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = tls_->context.get();
  DIEGO_CHECK(SSL_CTX_use_certificate_chain_file(context, files.cert_file.c_str()) == 1);
  DIEGO_CHECK(SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) == 1);
  DIEGO_CHECK(SSL_CTX_load_verify_locations(context, files.ca_file.c_str(), nullptr) == 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);

  worker_ = std::make_unique<Worker>("http-peer", [this] {
    Step();
    return absl::ZeroDuration();
  });
}

HttpPeer::~HttpPeer() {
  stopping_.With([](bool& stopping) { stopping = true; });
  worker_->Stop();
}

std::vector<HttpPeer::Asked> HttpPeer::Requests(size_t count) {
  return asked_.When([count](const auto& asked) { return asked.size() >= count; },
                     absl::Seconds(20), [](const auto& asked, bool) { return asked; });
}

void HttpPeer::Step() {
  const int fd = listener_.Accept(kPollMilliseconds);
  if (fd < 0) return;
  Serve(fd);
  close(fd);
}

void HttpPeer::Serve(int fd) {
  SetReadTimeout(fd, 5000);
  const SslPointer ssl(SSL_new(tls_->context.get()));
  SSL_set_fd(ssl.get(), fd);
  Asked asked;
  if (SSL_accept(ssl.get()) != 1 || !ReadRequest(ssl.get(), &asked)) return;
  asked.client = ClientName(ssl.get());
  asked_.With([&](auto& all) { all.push_back(asked); });
  const Answer answer = handler_(asked);
  if (answer.never) {
    SetReadTimeout(fd, kPollMilliseconds);
    char byte = 0;
    while (!stopping_.With([](bool stopping) { return stopping; }) &&
           SSL_get_error(ssl.get(), SSL_read(ssl.get(), &byte, 1)) == SSL_ERROR_WANT_READ) {
    }
    return;
  }
  const std::string text =
      absl::StrCat("HTTP/1.1 ", answer.status, " Whatever\r\nContent-Length: ", answer.body.size(),
                   "\r\nConnection: close\r\n\r\n", answer.body);
  SSL_write(ssl.get(), text.data(), static_cast<int>(text.size()));
  SSL_shutdown(ssl.get());
}

}  // namespace diego::rpc
