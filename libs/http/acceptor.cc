#include "libs/http/acceptor.h"

#include <netinet/tcp.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "libs/http/connection.h"

namespace diego::http {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

absl::StatusOr<tcp::endpoint> Resolve(boost::asio::io_context& context,
                                      const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", address, "\" has no port; write host:port"));
  }
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  Error error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(std::string(host), address.substr(colon + 1), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("address \"", address, "\": ", error.message()));
  }
  return found.begin()->endpoint();
}

// Finds out about peers that vanished while they follow a stream.
void SetUp(tcp::socket& socket) {
  Error ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  const int fd = socket.native_handle();
  const auto set = [fd](int option, int value) {
    setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 30);
  set(TCP_KEEPINTVL, 10);
  set(TCP_KEEPCNT, 3);
}

}  // namespace

Acceptor::Acceptor(std::vector<std::shared_ptr<Loop>> loops, std::unique_ptr<TlsContext> tls)
    : loops_(std::move(loops)), tls_(std::move(tls)), acceptor_(loops_[0]->context) {}

absl::Status Acceptor::Listen() {
  const ServerOptions& options = loops_[0]->shared->options;
  DIEGO_ASSIGN_OR_RETURN(const tcp::endpoint endpoint,
                         Resolve(loops_[0]->context, options.address));
  if (tls_ == nullptr && !options.plain_anywhere && !endpoint.address().is_loopback()) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", options.address,
                     "\" is plain HTTP and not of loopback; use 127.0.0.1, or TLS"));
  }
  Error error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on \"", options.address, "\": ", error.message(),
                     "; is the port in use, or the address not of this machine?"));
  }
  port_ = acceptor_.local_endpoint(error).port();
  refresh_at_ = loops_[0]->shared->clock.Monotonic() + options.certificate_refresh;
  return absl::OkStatus();
}

void Acceptor::Accept() {
  if (closed_) return;
  accepting_ = true;
  // No socket is held while it waits: it would belong to another loop, which may end before this.
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const Error& error) {
    accepting_ = false;
    if (!error && AcceptSome()) Accept();
  });
}

bool Acceptor::AcceptSome() {
  constexpr int kAtOnce = 64;  // connections of this loop wait meanwhile
  for (int i = 0; i < kAtOnce; ++i) {
    const size_t loop = next_loop_++ % loops_.size();
    tcp::socket socket(loops_[loop]->context);
    Error error;
    acceptor_.accept(socket, error);
    if (!error) {
      Accepted(loop, std::move(socket));
    } else if (error == boost::asio::error::would_block) {
      return true;
    } else if (error != boost::asio::error::connection_aborted) {
      return false;
    }
  }
  return true;
}

void Acceptor::Accepted(size_t loop, tcp::socket socket) {
  const std::shared_ptr<Shared>& shared = loops_[loop]->shared;
  const bool room = shared->open.With([&](size_t& open) {
    if (open >= shared->options.connections) return false;
    ++open;
    return true;
  });
  if (!room) return;
  SetUp(socket);
  SslPointer ssl;
  if (tls_ != nullptr) {
    ssl = tls_->NewConnection(socket.native_handle());
    if (ssl == nullptr) {
      shared->open.With([](size_t& open) { --open; });
      return;
    }
  }
  auto connection =
      std::make_shared<Connection>(loops_[loop].get(), std::move(socket), std::move(ssl));
  boost::asio::post(loops_[loop]->context,
                    [connection = std::move(connection)] { connection->Start(); });
}

void Acceptor::Sweep() {
  if (!accepting_) Accept();
  const Shared& shared = *loops_[0]->shared;
  if (tls_ == nullptr || shared.clock.Monotonic() < refresh_at_) return;
  refresh_at_ = shared.clock.Monotonic() + shared.options.certificate_refresh;
  tls_->Refresh(shared.clock.Now());
}

void Acceptor::Close() {
  closed_ = true;
  Error ignored;
  acceptor_.close(ignored);
}

}  // namespace diego::http
